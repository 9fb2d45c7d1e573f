package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/tocsin-edge/tocsin/agent/config"
)

// formattedMaxBytes bounds a file that is formatted, as it bounds one that is
// read as configuration.
const formattedMaxBytes = 1 << 20

// A formatter formats the files of a directory and of those below it.
type formatter struct {
	check, diff     bool // say what would change, and change nothing
	out, complaints io.Writer

	changed, refused int
}

func newFmtCommand() *cobra.Command {
	f := formatter{out: os.Stdout, complaints: os.Stderr}
	c := &cobra.Command{
		Use:   "fmt [DIR]",
		Short: "Format the configuration, its modules and its scenarios, in place",
		Long: `Fmt brings every *.hcl file of DIR and of the directories below it into canonical
form: indentation, spaces and the alignment of equals signs, nothing else. It
names each file that it changed. A file with a syntax error stays as it is.

With --check or --diff nothing is written. With --check the exit code is 1 when
a file is not in canonical form.`,
		Args: atMostOneDir,
		RunE: func(_ *cobra.Command, args []string) error { return f.run(configDir(args)) },
	}
	c.Flags().BoolVar(&f.check, "check", false, "name the files that are not in canonical form, and change none")
	c.Flags().BoolVar(&f.diff, "diff", false, "show what would change, and change nothing")
	return c
}

func (f *formatter) run(dir string) error {
	files, err := hclFiles(dir)
	if err != nil {
		return err
	}
	for _, name := range files {
		if err := f.format(dir, name); err != nil {
			return err
		}
	}
	if f.refused > 0 {
		fmt.Fprintf(f.complaints, "%s: not formatted. Correct the errors above first.\n", count(f.refused, "file"))
	}
	if f.refused > 0 || f.check && f.changed > 0 {
		return errSaid
	}
	return nil
}

// hclFiles lists the *.hcl files below dir. What is hidden is an editor's own or
// a version control's, and links are not followed out of the tree.
func hclFiles(dir string) ([]string, error) {
	var files []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		hidden := path != "." && strings.HasPrefix(e.Name(), ".")
		switch {
		case err != nil:
			return err
		case hidden && e.IsDir():
			return fs.SkipDir
		case !hidden && e.Type().IsRegular() && filepath.Ext(path) == ".hcl":
			files = append(files, path)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s holds no *.hcl file", dir)
	}
	return files, err
}

// format formats one file, whose name is relative to dir.
func (f *formatter) format(dir, name string) error {
	path := filepath.Join(dir, name)
	before, err := readBounded(path)
	if err != nil {
		return err
	}
	after, file, diags := config.Format(before, name)
	if diags.HasErrors() {
		f.refused++
		return explain(f.complaints, config.Sources{name: file}, diags)
	}
	if bytes.Equal(before, after) {
		return nil
	}
	f.changed++
	if f.diff {
		_, err = f.out.Write(diff.Diff(name, before, name+" in canonical form", after))
		return err
	}
	fmt.Fprintln(f.out, path)
	if f.check {
		return nil
	}
	return replace(path, after)
}

func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, formattedMaxBytes+1))
	if len(b) > formattedMaxBytes {
		err = fmt.Errorf("%s: larger than %d KiB", path, formattedMaxBytes>>10)
	}
	return b, err
}

// replace puts a file in the place of another, at once and with the same mode
// and, as far as that is allowed, owner: whoever reads it meanwhile, also after a
// power cut, reads all of the one or of the other.
func replace(path string, content []byte) (err error) {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temporary.Name())
		}
	}()
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		_ = temporary.Chown(int(owner.Uid), int(owner.Gid))
	}
	_, writeErr := temporary.Write(content)
	err = errors.Join(writeErr, temporary.Chmod(info.Mode().Perm()), temporary.Sync(), temporary.Close())
	if err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
