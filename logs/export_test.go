package logs

import (
	"context"
	"fmt"

	"github.com/tollbook/tollbook/state"
)

// ForgetStreams does what the service does in the background when memory holds too many streams.
func (s *Service) ForgetStreams() (left int) {
	s.groups.shrink(0)
	for _, g := range s.groups.byKey {
		left += g.streams.size()
	}
	return left
}

// FlushTimes writes the event times of streams as the service does in the background.
func (s *Service) FlushTimes(ctx context.Context) error { return s.times.flush(ctx) }

// FillQueryDefinitions saves n query definitions in one transaction.
func (s *Service) FillQueryDefinitions(ctx context.Context, n int) error {
	return s.db.Write(ctx, func(tx *state.Tx) error {
		for i := range n {
			rec := queryDefinitionRecord{ID: fmt.Sprint(i), Name: fmt.Sprint(i)}
			if err := queryDefinitions.Insert(tx, callersPlace(ctx, "").key(rec.ID), rec); err != nil {
				return err
			}
		}
		return nil
	})
}

// SelectionText parses selection criteria and prints them with all parentheses.
func SelectionText(text string, fields ...string) (string, error) {
	s, err := parseSelection(text, fields...)
	return s.text(), err
}

func (s *selection) text() string {
	if s.Operator == "" {
		return fmt.Sprintf("%s %v %v %q", s.Test.Field, s.Test.Not, s.Test.List, s.Test.Values)
	}
	text := s.Operator
	for i := range s.Parts {
		text += " (" + s.Parts[i].text() + ")"
	}
	return text
}

// PointerTo is what a query shows as @ptr of an event, which must be stored.
func (s *Service) PointerTo(ctx context.Context, name, message string) (pointer string, err error) {
	err = s.groups.use(ctx, callersGroup(ctx, name), func(g *group) error {
		for e, err := range s.store.Scan(ctx, ScanQuery{Group: g.id, To: 1 << 60}) {
			if err != nil {
				return err
			}
			if e.Message == message {
				pointer = recordPointer{g.id, e.Stream, e.Position()}.String()
			}
		}
		return nil
	})
	return pointer, err
}

// PumpMetrics does what the service does every few seconds when it has a sink.
func (s *Service) PumpMetrics(ctx context.Context) error { return s.metrics.pump(ctx) }
