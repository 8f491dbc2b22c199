package conformance_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestTerraform applies testdata/terraform in its two forms with the real provider: each is made or changed without an error,
// and read back without a difference; at the end all of it goes. The provider is no part of this repository: the test runs
// where TOLLBOOK_TERRAFORM_PLUGINS names a directory that has hashicorp/aws in it, as "terraform providers mirror" makes it.
func TestTerraform(t *testing.T) {
	t.Parallel()
	plugins := os.Getenv("TOLLBOOK_TERRAFORM_PLUGINS")
	if plugins == "" {
		t.Skip("TOLLBOOK_TERRAFORM_PLUGINS is not set")
	}
	p := start(t, t.TempDir())
	dir := t.TempDir()
	copyFile(t, "testdata/terraform/main.tf", filepath.Join(dir, "main.tf"))
	rc := filepath.Join(dir, "terraformrc")
	settings := "provider_installation {\n  filesystem_mirror {\n    path = \"" + plugins + "\"\n  }\n}\n"
	if err := os.WriteFile(rc, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	terraform := func(args ...string) {
		t.Helper()
		env := []string{"TF_CLI_CONFIG_FILE=" + rc, "TF_IN_AUTOMATION=1", "TF_VAR_endpoint=" + p.API, "CHECKPOINT_DISABLE=1"}
		cmd := exec.CommandContext(t.Context(), "terraform", append([]string{"-chdir=" + dir}, args...)...)
		cmd.Env = append(os.Environ(), env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("terraform %v: %v\n%s", args, err, out)
		}
	}
	terraform("init", "-no-color")
	for _, form := range []string{"-var=form=1", "-var=form=2"} {
		terraform("apply", "-no-color", "-auto-approve", form)
		terraform("plan", "-no-color", "-detailed-exitcode", form) // exit code 2: a difference
	}
	terraform("destroy", "-no-color", "-auto-approve")
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
