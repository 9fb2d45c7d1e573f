package block

import "strings"

// Suggest returns the known name nearest to the given one, "" when none is
// near: one slip in a short name, three in a long one. Case, a hyphen for an
// underscore and quotes do not count; two letters the wrong way round are one
// slip.
func Suggest(given string, known []string) string {
	plain := normal(given)
	best, limit := "", 1+len(plain)/4
	limit = min(limit, 3)
	for _, name := range known {
		if d := slips(plain, normal(name), limit); d <= limit && name != given {
			best, limit = name, d-1
		}
	}
	return best
}

func normal(s string) string {
	return strings.NewReplacer("-", "_", `"`, "").Replace(strings.ToLower(s))
}

// slips is the optimal string alignment distance, or anything above limit when
// it exceeds limit.
func slips(a, b string, limit int) int {
	if abs(len(a)-len(b)) > limit {
		return limit + 1
	}
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+differ(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

func differ(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
