package insights

import (
	"context"
	"net/netip"
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// LookupTable is the table of lookup and cidrlookup. It must not change while a query uses it.
type LookupTable struct {
	Columns []string
	Rows    [][]string // each of len(Columns)
}

// lookupStep writes fields of a table's row into the rows that match it; of several rows of the table the first counts.
// Where nothing matches, fields stay as they are.
type lookupStep struct {
	cmd     *syntax.Lookup
	keys    []expression
	columns []string
	places  []int // of the output
}

func (b *stepBuilder) lookup(cmd *syntax.Lookup) error {
	s := &lookupStep{cmd: cmd}
	if cmd.CIDR && len(cmd.Keys) != 1 {
		return errorAt(cmd, "cidrlookup matches one field")
	}
	for _, key := range cmd.Keys {
		v, err := b.compile(key.Field)
		if err != nil {
			return err
		}
		s.keys = append(s.keys, v)
	}
	for _, out := range cmd.Output {
		s.places = append(s.places, b.result(out.Name))
	}
	s.columns = b.schema.columns
	b.add(s)
	return nil
}

func (s *lookupStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	if e.lookup == nil {
		return nil, errorAt(s.cmd, "lookup table %s does not exist", s.cmd.Table)
	}
	t, err := e.lookup(ctx, s.cmd.Table)
	if err != nil {
		return nil, err
	}
	var from []int
	for _, out := range s.cmd.Output {
		place := slices.Index(t.Columns, out.TableField)
		if place < 0 {
			return nil, errorAt(s.cmd, "lookup table %s has no field %s", s.cmd.Table, out.TableField)
		}
		from = append(from, place)
	}
	find, err := s.finder(t)
	if err != nil {
		return nil, err
	}
	if err := in.widen(ctx, e, s.columns); err != nil {
		return nil, err
	}
	err = eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		if found := find(row); found != nil {
			s.write(row, found, from)
		}
		return nil
	})
	return in, err
}

func (s *lookupStep) write(row []value.Value, found []string, from []int) {
	for i, place := range s.places {
		if !s.cmd.New || row[place].Text() == "" {
			row[place] = value.OfText(found[from[i]])
		}
	}
}

// finder returns what finds the table's row for a row, or nil.
func (s *lookupStep) finder(t *LookupTable) (func(row []value.Value) []string, error) {
	var places []int
	for _, key := range s.cmd.Keys {
		place := slices.Index(t.Columns, key.TableField)
		if place < 0 && s.cmd.CIDR {
			place = slices.Index(t.Columns, "cidr") // unless it is said, the column is called like the field, or cidr
		}
		if place < 0 {
			return nil, errorAt(s.cmd, "lookup table %s has no field %s", s.cmd.Table, key.TableField)
		}
		places = append(places, place)
	}
	if s.cmd.CIDR {
		return s.findAddress(t, places[0]), nil
	}
	return s.findKey(t, places), nil
}

// findKey finds a row whose texts are exactly those of the keys.
func (s *lookupStep) findKey(t *LookupTable, places []int) func(row []value.Value) []string {
	byKey := make(map[string][]string, len(t.Rows))
	for _, r := range t.Rows {
		var key []byte
		for _, place := range places {
			key = value.OfText(r[place]).AppendKey(key)
		}
		if _, again := byKey[string(key)]; !again {
			byKey[string(key)] = r
		}
	}
	var key []byte
	return func(row []value.Value) []string {
		key = key[:0]
		for _, k := range s.keys {
			v := k(row)
			if !v.IsScalar() {
				return nil
			}
			key = value.OfText(v.Text()).AppendKey(key)
		}
		return byKey[string(key)]
	}
}

// findAddress finds the row with the smallest range that has an address. What is no range is left out.
func (s *lookupStep) findAddress(t *LookupTable, place int) func(row []value.Value) []string {
	byRange := make(map[netip.Prefix][]string, len(t.Rows))
	var lengths [129]bool
	for _, r := range t.Rows {
		p, ok := parsePrefix(r[place])
		if !ok {
			continue
		}
		if _, again := byRange[p]; !again {
			byRange[p] = r
			lengths[p.Bits()] = true
		}
	}
	return func(row []value.Value) []string {
		address, err := netip.ParseAddr(s.keys[0](row).Text())
		if err != nil {
			return nil
		}
		address = address.WithZone("").Unmap()
		for bits := address.BitLen(); bits >= 0; bits-- {
			if !lengths[bits] {
				continue
			}
			p, _ := address.Prefix(bits)
			if found, ok := byRange[p]; ok {
				return found
			}
		}
		return nil
	}
}

func parsePrefix(s string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), true
	}
	address, err := netip.ParseAddr(s)
	return netip.PrefixFrom(address, address.BitLen()), err == nil
}
