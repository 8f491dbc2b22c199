package columnar

import (
	"strings"
	"testing"
)

func TestDetectHex(t *testing.T) {
	t.Parallel()
	tests := []struct{ samples, want string }{
		{"3dcb935a-11bf-4844-8cf4-e84000cd61f5 256588ee-ddd8-46f0-8f2e-6b4ddf682632", uuidPattern},
		{"3dcb935a-11bf-4844-8cf4-e84000cd61f5", uuidPattern},
		{"1-5759e988-bd862e3fe1be46a994272793 1-5759e989-ad862e3fe1be46a994272793", "1-xxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx"},
		{"Root=1-5759e988-bd862e3fe1be46a994272793", "Root=1-xxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx"},
		{"d41d8cd98f00b204e9800998ecf8427e", strings.Repeat("x", 32)},
		{"d41d8cd98f00b204e9800998ecf8427 d41d8cd98f00b204e9800998ecf8427", ""}, // odd
		{"3DCB935A-11BF-4844-8CF4-E84000CD61F5 4CDC046B-00CE-5955-9DE5-F95111DE72E6", ""},
		{"12345678 1234567", ""},
		{"1234567", ""},
		{"12345678 x2345678", ""},
	}
	for _, tt := range tests {
		p, ok := detectHex(strings.Fields(tt.samples))
		if ok != (tt.want != "") || ok && p.text != tt.want {
			t.Errorf("%s: pattern %q, %v", tt.samples, p.text, ok)
		}
	}
}

// FuzzHexPattern: what packs comes back, and only text that looks like the pattern packs.
func FuzzHexPattern(f *testing.F) {
	f.Add("3dcb935a-11bf-4844-8cf4-e84000cd61f5", "256588ee-ddd8-46f0-8f2e-6b4ddf682632")
	f.Add("1-5759e988-bd862e3fe1be46a994272793", "1-5759e98g-bd862e3fe1be46a994272793")
	f.Fuzz(func(t *testing.T, sample, s string) {
		if sample == "" {
			return
		}
		p, ok := detectHex([]string{sample})
		if !ok {
			return
		}
		for _, text := range []string{sample, s} {
			packed, ok := p.pack(nil, text)
			if ok && (string(p.append(nil, packed)) != text || len(packed) != p.width()) {
				t.Fatalf("%q packs as %x", text, packed)
			}
			if !ok && text == sample {
				t.Fatalf("%q does not fit its own pattern %q", text, p.text)
			}
		}
	})
}
