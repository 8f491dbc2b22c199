package conformance_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestScenarios runs what testdata/scenarios tells: what a REST API does in front of real back ends, driven by boto3.
// Each has a server of its own.
func TestScenarios(t *testing.T) {
	t.Parallel()
	if _, err := run(t, nil, "python3", "-c", "import boto3"); err != nil {
		t.Skip("boto3 is not installed")
	}
	files, err := filepath.Glob("testdata/scenarios/*.py")
	if err != nil || len(files) < 2 {
		t.Fatalf("scenarios: %v, %v", files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".py")
		if name == "kit" { // what they share
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := []string{"TOLLBOOK=" + binary, "PYTHONDONTWRITEBYTECODE=1", "TMPDIR=" + t.TempDir()}
			if out, err := run(t, env, "python3", file); err != nil || !strings.Contains(out, "PASS") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
