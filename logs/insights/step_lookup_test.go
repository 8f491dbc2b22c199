package insights

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// fixedTables are lookup tables by name.
type fixedTables map[string]*LookupTable

func (f fixedTables) Columns(name string) ([]string, error) {
	if t := f[name]; t != nil {
		return t.Columns, nil
	}
	return nil, nil
}

func (f fixedTables) Table(_ context.Context, name string) (*LookupTable, error) { return f[name], nil }

func lookupTables() fixedTables {
	return fixedTables{
		"users": {Columns: []string{"id", "zone", "name"}, Rows: [][]string{
			{"1", "eu", "ann"}, {"1", "us", "bob"}, {"2", "eu", "eve"}, {"1", "eu", "again"},
		}},
		"nets": {Columns: []string{"cidr", "owner"}, Rows: [][]string{
			{"10.0.0.0/8", "all"}, {"10.1.0.0/16", "some"}, {"bad", "none"}, {"10.1.1.1", "one"}, {"2001:db8::/32", "six"},
		}},
	}
}

// runLookup runs commands on rows.
func runLookup(t *testing.T, text string, in *table, tables LookupTables) (string, error) {
	t.Helper()
	q, err := syntax.ParseQuery(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	steps, s, err := newSteps(q.Commands, schema{columns: in.columns}, &compiling{text: text, lookups: tables})
	if err != nil {
		return "", err
	}
	e := &env{lookups: newLookupRun(tables, nil)}
	for _, step := range steps {
		if in, err = step.run(t.Context(), e, in); err != nil {
			return "", err
		}
	}
	return printTable(in, s.shown), nil
}

func TestLookup(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, want string }{
		{"fields id | lookup users id OUTPUT name", "id | name\n1 | ann\n2 | eve\n3 | -\n- | -"},
		{"fields id | lookup users id, zone as z OUTPUT name as id", "id\nbob\n-\n-\n-"},
		{"fields id, z | lookup users id OUTPUT zone as z", "id | z\n1 | eu\n2 | eu\n3 | -\n- | -"},
		{"fields id, z | lookup users id OUTPUTNEW zone as z, name", "id | z | name\n1 | us | ann\n2 | us | eve\n3 | eu | -\n- | '' | -"},
		{"fields ip | cidrlookup nets ip OUTPUT owner", "" +
			"ip | owner\n10.1.1.1 | one\n10.1.2.3 | some\n::ffff:10.9.9.9 | all\n2001:db8::5 | six"},
		{"fields ip | cidrlookup nets ip as cidr OUTPUTNEW owner as z | display z", "z\nus\nus\neu\nsix"},
		{"lookup nothing id OUTPUT name", "fails: lookup table nothing does not exist"},
		{"fields id | lookup users id OUTPUT age", "fails: lookup table users has no field age"},
		{"lookup users who as id OUTPUT name", "fails: lookup table users has no field who"},
	} {
		in := readTable("id | z | ip\n1 | us | 10.1.1.1\nn:2 | us | 10.1.2.3\n3 | eu | ::ffff:10.9.9.9\n- | '' | 2001:db8::5")
		got, err := runLookup(t, c.query, in, lookupTables())
		var wrong *syntax.Error
		if errors.As(err, &wrong) {
			got = "fails: " + wrong.Message
		}
		if got != c.want {
			t.Errorf("%s:\n%s", c.query, got)
		}
	}
	if _, err := runLookup(t, "lookup users id OUTPUT name", readTable("id\n1"), nil); err == nil {
		t.Error("a lookup without tables worked")
	}
}

// TestLookupGone deletes a table between the start of a query and its run.
func TestLookupGone(t *testing.T) {
	t.Parallel()
	tables := lookupTables()
	q, err := syntax.ParseQuery("lookup users id OUTPUT name")
	if err != nil {
		t.Fatal(err)
	}
	steps, _, err := newSteps(q.Commands, schema{columns: []string{"id"}}, &compiling{lookups: tables})
	if err != nil {
		t.Fatal(err)
	}
	delete(tables, "users")
	if _, err := steps[0].run(t.Context(), &env{lookups: newLookupRun(tables, nil)}, readTable("id\n1")); err == nil {
		t.Error("a table that is gone was used")
	}
}

// TestLookupMemory looks up in a table that is larger than what a query may use.
func TestLookupMemory(t *testing.T) {
	t.Parallel()
	big := &LookupTable{Columns: []string{"id", "name"}}
	for i := range 10_000 {
		big.Rows = append(big.Rows, []string{fmt.Sprint(i), "name"})
	}
	in := &table{columns: []string{"id"}, rows: [][]value.Value{{value.OfText("1")}}}
	q, err := syntax.ParseQuery("lookup big id OUTPUT name")
	if err != nil {
		t.Fatal(err)
	}
	tables := fixedTables{"big": big}
	steps, _, err := newSteps(q.Commands, schema{columns: in.columns}, &compiling{lookups: tables})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := steps[0].run(t.Context(), &env{lookups: newLookupRun(tables, newBudget(1<<20))}, in); !errors.Is(err, ErrMemory) {
		t.Errorf("a table of 10,000 rows in 1 MiB: %v", err)
	}
}
