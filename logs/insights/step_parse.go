package insights

import (
	"context"
	"regexp"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// parseStep fills columns with parts of a text; what does not match leaves them null.
type parseStep struct {
	from    expression
	columns []string // of the rows behind it
	places  []int    // of the names
	glob    *glob
	regex   *regexp.Regexp
	groups  []int // of the regular expression, one for each place
}

func (b *stepBuilder) parse(cmd *syntax.Parse) error {
	s := &parseStep{}
	var err error
	if cmd.From == nil {
		s.from, err = b.systemField(cmd, "@message")
	} else {
		s.from, err = b.compile(cmd.From)
	}
	if err != nil {
		return err
	}
	if cmd.Glob != nil {
		err = s.withGlob(cmd)
	} else {
		err = s.withRegex(cmd)
	}
	if err != nil {
		return err
	}
	for _, name := range cmd.Names {
		s.places = append(s.places, b.result(name))
	}
	s.columns = b.schema.columns
	b.add(s)
	return nil
}

func (s *parseStep) withGlob(cmd *syntax.Parse) error {
	s.glob = newGlob(cmd.Glob.Value)
	if s.glob.stars() != len(cmd.Names) {
		return errorAt(cmd.Glob, "the pattern has %d wildcards but there are %d names", s.glob.stars(), len(cmd.Names))
	}
	return nil
}

func (s *parseStep) withRegex(cmd *syntax.Parse) error {
	var err error
	if s.regex, err = regexp.Compile(cmd.Regex.Pattern); err != nil {
		return errorAt(cmd.Regex, "invalid regular expression: %v", err)
	}
	for _, name := range cmd.Names {
		group := s.regex.SubexpIndex(name)
		if group < 0 {
			return errorAt(cmd.Regex, "the regular expression has no group %s", name)
		}
		s.groups = append(s.groups, group)
	}
	return nil
}

func (s *parseStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	if err := in.widen(ctx, e, s.columns); err != nil {
		return nil, err
	}
	captures := make([]string, len(s.places))
	err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		text := s.from(row)
		if text.IsScalar() && s.glob != nil && s.glob.match(text.Text(), captures) {
			for i, place := range s.places {
				row[place] = value.OfText(captures[i])
			}
		} else if text.IsScalar() && s.regex != nil {
			s.matchRegex(row, text.Text())
		} else {
			s.clear(row)
		}
		return nil
	})
	return in, err
}

func (s *parseStep) matchRegex(row []value.Value, text string) {
	s.clear(row)
	found := s.regex.FindStringSubmatchIndex(text)
	if found == nil {
		return
	}
	for i, place := range s.places {
		if start, end := found[2*s.groups[i]], found[2*s.groups[i]+1]; start >= 0 {
			row[place] = value.OfText(text[start:end])
		}
	}
}

func (s *parseStep) clear(row []value.Value) {
	for _, place := range s.places {
		row[place] = value.Value{}
	}
}
