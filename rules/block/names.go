package block

import "strings"

// A block inside a module has a qualified name, that of its module's instance
// and its own: freezer["cellar"].warm. What follows the last dot is its own
// name, because names have no dots.

// Qualify returns the name of a block inside a module. The configuration's own
// blocks have the module "" and keep their name.
func Qualify(module, name string) string {
	if module == "" {
		return name
	}
	return module + "." + name
}

// Unqualify divides a name into the module's instance, "" for none, and what
// the block is called inside it.
func Unqualify(name string) (module, own string) {
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		return name[:dot], name[dot+1:]
	}
	return "", name
}

// Spoken is a name in words, for texts to people: freezer cellar warm for
// freezer["cellar"].warm.
func Spoken(name string) string {
	words := strings.FieldsFunc(name, func(c rune) bool { return strings.ContainsRune(`_.[]" `, c) })
	return strings.Join(words, " ")
}
