// Package examples holds configurations to start from. They are part of the
// binary so that `tocsin demo` needs no files, and every one of them runs in
// the tests.
package examples

import "embed"

// FS has a directory for each example.
//
//go:embed home fleet installer publishers
var FS embed.FS
