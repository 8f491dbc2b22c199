package config

import (
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// File reads a configuration file: YAML (so JSON too), one level, its keys the names of flags. It is a
// kong.ConfigurationLoader.
func File(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	if err := yaml.NewDecoder(r).Decode(&values); err != nil && err != io.EOF {
		return nil, fmt.Errorf("read configuration file: %w", err)
	}
	return file(values), nil
}

type file map[string]any

// Validate refuses a key that no flag of any command has: a misspelt setting must not be ignored.
func (f file) Validate(app *kong.Application) error {
	known := map[string]bool{}
	_ = kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			known[flag.Name] = true
		}
		return next(nil)
	})
	for key := range f {
		if !known[key] {
			return fmt.Errorf("configuration file: unknown key %q", key)
		}
	}
	return nil
}

func (f file) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		if _, set := os.LookupEnv(env); set {
			return nil, nil // the environment wins over the file
		}
	}
	switch value := f[flag.Name].(type) {
	case int, uint64, float64:
		return fmt.Sprint(value), nil // what reads text, as Bytes does, gets text
	default:
		return value, nil
	}
}
