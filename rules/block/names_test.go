package block

import "testing"

func TestABlockInAModuleHasAQualifiedName(t *testing.T) {
	tests := []struct{ module, own, name, spoken string }{
		{"", "freezer_warm", "freezer_warm", "freezer warm"},
		{"freezer", "warm", "freezer.warm", "freezer warm"},
		{`freezer["cellar"]`, "too_warm", `freezer["cellar"].too_warm`, "freezer cellar too warm"},
		{`site["a.b"].freezer["garden shed"]`, "warm", `site["a.b"].freezer["garden shed"].warm`, "site a b freezer garden shed warm"},
	}
	for _, tt := range tests {
		if got := Qualify(tt.module, tt.own); got != tt.name {
			t.Errorf("Qualify(%q, %q): got %q, want %q", tt.module, tt.own, got, tt.name)
		}
		if module, own := Unqualify(tt.name); module != tt.module || own != tt.own {
			t.Errorf("Unqualify(%q): got %q and %q, want %q and %q", tt.name, module, own, tt.module, tt.own)
		}
		if got := Spoken(tt.name); got != tt.spoken {
			t.Errorf("Spoken(%q): got %q, want %q", tt.name, got, tt.spoken)
		}
	}
}
