package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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

// readRoot reads and parses every configuration file of the directory itself.
func (l *loader) readRoot() *source {
	names, err := filesEnding(l.dir, isConfigFile)
	switch {
	case err != nil:
		l.add(wholeMistake("Unreadable configuration", fmt.Sprintf("%s: %s.", l.dir, cause(err))))
		return nil
	case len(names) == 0:
		l.add(wholeMistake("No configuration", fmt.Sprintf(
			"%s holds no *.hcl file. Write one, or give the directory that holds yours.", l.dir)))
		return nil
	}
	return l.readFiles(".", names)
}

// readSource reads the files of a module's directory, once. It returns nil, and
// complains at rng, when there are none.
func (l *loader) readSource(path string, rng hcl.Range) *source {
	if src, read := l.directories[path]; read {
		return src
	}
	names, err := filesEnding(filepath.Join(l.dir, path), isConfigFile)
	switch {
	case err != nil:
		l.add(block.Mistake(rng, "Unreadable module", fmt.Sprintf("./%s: %s.", path, cause(err))))
	case len(names) == 0:
		l.add(block.Mistake(rng, "Unreadable module", fmt.Sprintf("./%s holds no *.hcl file. Write the module there, or name the directory that holds it.", path)))
	default:
		l.directories[path] = l.readFiles(path, names)
	}
	return l.directories[path]
}

// readFiles reads the files of one directory.
func (l *loader) readFiles(path string, names []string) *source {
	src := &source{path: path}
	for _, name := range names {
		if body := l.parseFile(filepath.Join(path, name)); body != nil {
			l.collect(src, body)
		}
	}
	l.checkBlocks(src)
	return src
}

// filesEnding lists the files of dir that wanted accepts, in the order of their
// names. Hidden files are an editor's own.
func filesEnding(dir string, wanted func(name string) bool) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, syscall.ENOTDIR) {
		return nil, errors.New("it is a file; give the directory it is in, whose *.hcl files are read together")
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if name := e.Name(); name[0] != '.' && wanted(name) {
			names = append(names, name)
		}
	}
	if len(names) > filesMax {
		return nil, fmt.Errorf("it holds %d such files, more than the %d that are read", len(names), filesMax)
	}
	return names, nil
}

// parseFile reads and parses one file, whose name is relative to the
// configuration's directory. A file that cannot be read, or not be taken apart
// into blocks, leaves the configuration partial and yields nil.
func (l *loader) parseFile(name string) *hclsyntax.Body {
	src, err := readRegular(filepath.Join(l.dir, name), fileMaxBytes)
	if err == nil {
		err = checkText(src)
	}
	if err != nil {
		l.partial = true
		l.add(block.Mistake(hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos},
			"Unreadable file", fmt.Sprintf("%s: %s.", name, cause(err))))
		return nil
	}
	p := parse(src, name)
	l.sources[name] = p.file
	l.add(p.diags...)
	for _, n := range p.skipped {
		l.skipped[line{name, n}] = true
	}
	if !p.whole {
		l.partial = true
		return nil
	}
	return p.file.Body.(*hclsyntax.Body)
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
