package config

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
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

const (
	fileMaxBytes = 1 << 20 // of one configuration file, and of one file it names
	filesMax     = 1000    // configuration files of one directory
)

// read reads and parses every configuration file of the directory.
func (l *loader) read() {
	names, err := configFiles(l.dir)
	if err != nil {
		l.add(wholeMistake("Unreadable configuration", fmt.Sprintf("%s: %s.", l.dir, cause(err))))
		return
	}
	if len(names) == 0 {
		l.add(wholeMistake("No configuration", fmt.Sprintf(
			"%s holds no *.hcl file. Write one, or give the directory that holds yours.", l.dir)))
		return
	}
	for _, name := range names {
		l.readFile(name)
	}
}

// configFiles lists the files of dir that hold configuration, in the order of
// their names. Hidden files are an editor's own.
func configFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, syscall.ENOTDIR) {
		return nil, errors.New("it is a file; give the directory it is in, whose *.hcl files are read together")
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if filepath.Ext(name) == ".hcl" && name[0] != '.' && !strings.HasSuffix(name, ".test.hcl") && !strings.HasSuffix(name, ".vars.hcl") {
			names = append(names, name)
		}
	}
	if len(names) > filesMax {
		return nil, fmt.Errorf("it holds %d *.hcl files, more than the %d that are read", len(names), filesMax)
	}
	return names, nil
}

// readFile reads and parses one file. A file that cannot be read, or not be
// taken apart into blocks, leaves the configuration partial.
func (l *loader) readFile(name string) {
	src, err := readRegular(filepath.Join(l.dir, name), fileMaxBytes)
	if err == nil {
		err = checkText(src)
	}
	if err != nil {
		l.partial = true
		l.add(block.Mistake(hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos},
			"Unreadable file", fmt.Sprintf("%s: %s.", name, cause(err))))
		return
	}
	p := parse(src, name)
	l.sources[name] = p.file
	l.add(p.diags...)
	for _, n := range p.skipped {
		l.skipped[line{name, n}] = true
	}
	if !p.whole {
		l.partial = true
		return
	}
	l.collect(p.file.Body.(*hclsyntax.Body))
}

// checkText refuses what is no configuration at all, before a parser makes a
// thousand mistakes of it.
func checkText(src []byte) error {
	if bytes.IndexByte(src, 0) >= 0 || !utf8.Valid(src) {
		return errors.New("it is not text in UTF-8. Save it as UTF-8, or give it another ending than .hcl")
	}
	return nil
}

// readRegular reads a regular file of at most max bytes. Pipes and devices are
// refused: reading one may never end.
func readRegular(path string, max int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > max {
		return nil, fmt.Errorf("it is larger than %d KiB", max>>10)
	}
	return b, nil
}

// cause puts an error of the file system as people say it.
func cause(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "it does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "it may not be read by this user; change its owner or mode"
	}
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return "it cannot be read: " + pathErr.Err.Error()
	}
	return err.Error()
}

// path resolves a path of the configuration, which is relative to its directory.
func (l *loader) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(l.dir, p)
}

// file reads an argument that names a file and returns the file's path, "" when
// the argument is absent or wrong. check, which may be nil, is given what the
// file holds.
func (l *loader) file(r *block.Reader, name string, check func([]byte) error) string {
	given, ok := r.Text(name)
	if !ok {
		return ""
	}
	path := l.path(given)
	b, err := readRegular(path, fileMaxBytes)
	if err == nil && check != nil {
		err = check(b)
	}
	if err != nil {
		r.Add(block.Mistake(r.Range(name), "Unreadable file", fmt.Sprintf("%s: %s: %s.", name, path, cause(err))))
	}
	return path
}

// wholeMistake is a mistake of the configuration as a whole, at no place.
func wholeMistake(summary, detail string) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail}
}
