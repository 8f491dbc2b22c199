package insights

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// LookupTables finds the tables of lookup and cidrlookup by their names. It is safe for concurrent use.
type LookupTables interface {
	// Columns returns the columns of a table: none if it does not exist.
	Columns(name string) ([]string, error)
	// Table returns a table, or nil if it does not exist any more. The table must not change while a query uses it.
	Table(ctx context.Context, name string) (*LookupTable, error)
}

// LookupTable is the table of lookup and cidrlookup.
type LookupTable struct {
	Columns []string
	Rows    [][]string // each of len(Columns)
}

// lookupStep writes fields of a table's row into the rows that match it; of several rows of the table the first counts.
// Where nothing matches, OUTPUT makes them null and OUTPUTNEW leaves them as they are.
type lookupStep struct {
	cmd     *syntax.Lookup
	keys    []expression
	columns []string
	places  []int // of the output
}

var _ rowStep = (*lookupStep)(nil)

func (*lookupStep) eachAlone() {}

func (b *stepBuilder) lookup(cmd *syntax.Lookup) error {
	s := &lookupStep{cmd: cmd}
	if cmd.CIDR && len(cmd.Keys) != 1 {
		return errorAt(cmd, "cidrlookup matches one field")
	}
	if err := b.checkLookup(cmd); err != nil {
		return err
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

// checkLookup refuses a command about a table or fields that do not exist.
func (b *stepBuilder) checkLookup(cmd *syntax.Lookup) error {
	if b.lookups == nil {
		return noLookupTable(cmd)
	}
	columns, err := b.lookups.Columns(cmd.Table)
	if err != nil {
		return fmt.Errorf("find lookup table %s: %w", cmd.Table, err)
	}
	if len(columns) == 0 {
		return noLookupTable(cmd)
	}
	_, _, err = lookupPlaces(cmd, columns)
	return err
}

func noLookupTable(cmd *syntax.Lookup) error {
	return errorAt(cmd, "lookup table %s does not exist", cmd.Table)
}

// lookupPlaces returns the places of a table's columns that the command matches, and of those that it takes.
func lookupPlaces(cmd *syntax.Lookup, columns []string) (keys, from []int, err error) {
	for _, key := range cmd.Keys {
		place := slices.Index(columns, key.TableField)
		if place < 0 && cmd.CIDR {
			place = slices.Index(columns, "cidr") // unless it is said, the column is called like the field, or cidr
		}
		if place < 0 {
			return nil, nil, errorAt(cmd, "lookup table %s has no field %s", cmd.Table, key.TableField)
		}
		keys = append(keys, place)
	}
	for _, out := range cmd.Output {
		place := slices.Index(columns, out.TableField)
		if place < 0 {
			return nil, nil, errorAt(cmd, "lookup table %s has no field %s", cmd.Table, out.TableField)
		}
		from = append(from, place)
	}
	return keys, from, nil
}

func (s *lookupStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	using, err := e.lookups.use(ctx, s.cmd)
	if err != nil {
		return nil, err
	}
	if err := in.widen(ctx, e, s.columns); err != nil {
		return nil, err
	}
	keys := make([]value.Value, len(s.keys))
	var scratch []byte
	err = eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		for i, k := range s.keys {
			keys[i] = k(row)
		}
		var found []string
		found, scratch = using.find(keys, scratch)
		s.write(row, found, using.from)
		return nil
	})
	return in, err
}

func (s *lookupStep) write(row []value.Value, found []string, from []int) {
	for i, place := range s.places {
		switch {
		case s.cmd.New && (found == nil || row[place].Text() != ""):
		case found == nil:
			row[place] = value.Value{}
		default:
			row[place] = value.OfText(found[from[i]])
		}
	}
}

// lookupRun is the tables that a running query uses, each with an index for the command that uses it. It is safe for
// concurrent use.
type lookupRun struct {
	tables LookupTables
	memory *budget

	mu    sync.Mutex
	using map[*syntax.Lookup]*lookupIndex
}

func newLookupRun(tables LookupTables, memory *budget) *lookupRun {
	return &lookupRun{tables: tables, memory: memory, using: map[*syntax.Lookup]*lookupIndex{}}
}

// use returns the index of a command's table, which is read once for each command.
func (r *lookupRun) use(ctx context.Context, cmd *syntax.Lookup) (*lookupIndex, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if x := r.using[cmd]; x != nil {
		return x, nil
	}
	t, err := r.tables.Table(ctx, cmd.Table)
	if err != nil {
		return nil, fmt.Errorf("read lookup table %s: %w", cmd.Table, err)
	} else if t == nil {
		return nil, noLookupTable(cmd)
	}
	if err := r.memory.take(t.bytes()); err != nil {
		return nil, err
	}
	x, err := newLookupIndex(ctx, cmd, t)
	if err == nil {
		r.using[cmd] = x
	}
	return x, err
}

// lookupRowBytes is about what a row takes beside its texts: in the table and in the index.
const lookupRowBytes = 128

// bytes is about how much memory a table and its index take.
func (t *LookupTable) bytes() (n int64) {
	for _, row := range t.Rows {
		n += lookupRowBytes
		for _, text := range row {
			n += 16 + 2*int64(len(text))
		}
	}
	return n
}

// lookupIndex finds rows of a table. It does not change.
type lookupIndex struct {
	from    []int // the columns that the command takes
	byKey   map[string][]string
	byRange map[netip.Prefix][]string // of cidrlookup
	lengths [129]bool                 // that ranges have
}

func newLookupIndex(ctx context.Context, cmd *syntax.Lookup, t *LookupTable) (*lookupIndex, error) {
	keys, from, err := lookupPlaces(cmd, t.Columns)
	if err != nil {
		return nil, err
	}
	x := &lookupIndex{from: from}
	if cmd.CIDR {
		x.addRanges(ctx, t, keys[0])
	} else {
		x.addKeys(ctx, t, keys)
	}
	return x, context.Cause(ctx)
}

func (x *lookupIndex) addKeys(ctx context.Context, t *LookupTable, places []int) {
	x.byKey = make(map[string][]string, len(t.Rows))
	var key []byte
	for i, r := range t.Rows {
		if i%checkRows == 0 && ctx.Err() != nil {
			return
		}
		key = key[:0]
		for _, place := range places {
			key = value.OfText(r[place]).AppendKey(key)
		}
		if _, again := x.byKey[string(key)]; !again {
			x.byKey[string(key)] = r
		}
	}
}

// addRanges leaves out what is no range.
func (x *lookupIndex) addRanges(ctx context.Context, t *LookupTable, place int) {
	x.byRange = make(map[netip.Prefix][]string, len(t.Rows))
	for i, r := range t.Rows {
		if i%checkRows == 0 && ctx.Err() != nil {
			return
		}
		p, ok := parsePrefix(r[place])
		if !ok {
			continue
		}
		if _, again := x.byRange[p]; !again {
			x.byRange[p] = r
			x.lengths[p.Bits()] = true
		}
	}
}

// find returns the first row whose texts are exactly the keys, or the row with the smallest range that has the address;
// nil if there is none. It returns scratch for the next time.
func (x *lookupIndex) find(keys []value.Value, scratch []byte) ([]string, []byte) {
	if x.byRange != nil {
		return x.findAddress(keys[0].Text()), scratch
	}
	scratch = scratch[:0]
	for _, key := range keys {
		if !key.IsScalar() {
			return nil, scratch
		}
		scratch = value.OfText(key.Text()).AppendKey(scratch)
	}
	return x.byKey[string(scratch)], scratch
}

func (x *lookupIndex) findAddress(text string) []string {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return nil
	}
	address = address.WithZone("").Unmap()
	for bits := address.BitLen(); bits >= 0; bits-- {
		if !x.lengths[bits] {
			continue
		}
		p, _ := address.Prefix(bits)
		if found, ok := x.byRange[p]; ok {
			return found
		}
	}
	return nil
}

func parsePrefix(s string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), true
	}
	address, err := netip.ParseAddr(s)
	return netip.PrefixFrom(address, address.BitLen()), err == nil
}
