package cloudwatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/state"
)

const boardsPage = 1000

// boardRecord is a dashboard as it is stored.
type boardRecord struct {
	Name     string
	Body     string // JSON, as it was sent
	Modified time.Time
	Tags     map[string]string
}

var boardName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// PutDashboard makes a dashboard or replaces the body of the one of its name. Widgets with something wrong that a console
// can live with give messages.
func (s *Service) PutDashboard(ctx context.Context, in *awscloudwatch.PutDashboardInput) (*awscloudwatch.PutDashboardOutput, error) {
	if !boardName.MatchString(in.DashboardName) {
		return nil, invalidValue("The value for field DashboardName contains invalid characters. " +
			"It can only contain alphanumerics, dash (-) and underscore (_).\n")
	}
	if faults := checkBoard(in.DashboardBody); len(faults) > 0 {
		err := awscloudwatch.DashboardInvalidInputError("The field DashboardBody must be a valid JSON object")
		if faults[0].DataPath != nil {
			err.Message = fmt.Sprintf("The dashboard body is invalid, there are %d validation errors.", len(faults))
		}
		err.Members = map[string]any{"dashboardValidationMessages": faults}
		return nil, err
	}
	tags, err := withTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	key := callersPlace(ctx).boardKey(in.DashboardName)
	err = s.db.Write(ctx, func(tx *state.Tx) error {
		rec := boardRecord{Name: in.DashboardName, Body: in.DashboardBody, Modified: s.now(), Tags: tags}
		old, err := boardRecords.Get(tx, key)
		if err == nil {
			rec.Tags = old.Tags // tags of an update are ignored
		} else if !errors.Is(err, state.ErrNotFound) {
			return err
		}
		return boardRecords.Put(tx, key, rec)
	})
	if err != nil {
		return nil, fmt.Errorf("put dashboard %s: %w", in.DashboardName, err)
	}
	return &awscloudwatch.PutDashboardOutput{DashboardValidationMessages: []awscloudwatch.DashboardValidationMessage{}}, nil
}

var widgetTypes = []string{"metric", "text", "log", "alarm", "explorer", "custom"}

// checkBoard finds what keeps a body from being a dashboard. A message without path means that it is no JSON object.
func checkBoard(body string) (faults []awscloudwatch.DashboardValidationMessage) {
	add := func(path, format string, args ...any) {
		faults = append(faults, awscloudwatch.DashboardValidationMessage{DataPath: optional(path), Message: new(fmt.Sprintf(format, args...))})
	}
	var board map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &board); err != nil || board == nil {
		add("", "The dashboard body is not a JSON object")
		return faults
	}
	if board["widgets"] == nil {
		return nil // AWS takes an empty dashboard
	}
	var widgets []map[string]json.RawMessage
	if err := json.Unmarshal(board["widgets"], &widgets); err != nil {
		add("/widgets", "Should be an array of objects")
		return faults
	}
	if len(widgets) > 500 {
		add("/widgets", "Should NOT have more than 500 items")
	}
	for i, w := range widgets {
		path := fmt.Sprintf("/widgets/%d", i)
		var kind string
		var properties map[string]any
		switch {
		case w["type"] == nil:
			add(path, "Should have required property 'type'")
		case json.Unmarshal(w["type"], &kind) != nil || !slices.Contains(widgetTypes, kind):
			add(path+"/type", "Should be equal to one of the allowed values")
		case w["properties"] == nil:
			add(path, "Should have required property 'properties'")
		case json.Unmarshal(w["properties"], &properties) != nil:
			add(path+"/properties", "Should be object")
		}
	}
	return faults
}

// GetDashboard returns a dashboard as it was put.
func (s *Service) GetDashboard(ctx context.Context, in *awscloudwatch.GetDashboardInput) (*awscloudwatch.GetDashboardOutput, error) {
	at := callersPlace(ctx)
	var rec boardRecord
	err := s.db.Read(ctx, func(tx *state.Tx) (err error) {
		rec, err = boardRecords.Get(tx, at.boardKey(in.DashboardName))
		return missing(err, awscloudwatch.DashboardNotFoundError("Dashboard %s does not exist", in.DashboardName))
	})
	if err != nil {
		return nil, asSent("get dashboard", err)
	}
	return &awscloudwatch.GetDashboardOutput{
		DashboardArn: new(boardARN(at, rec.Name)), DashboardBody: &rec.Body, DashboardName: &rec.Name,
	}, nil
}

// ListDashboards lists dashboards by name.
func (s *Service) ListDashboards(ctx context.Context, in *awscloudwatch.ListDashboardsInput) (*awscloudwatch.ListDashboardsOutput, error) {
	after, err := pagePlace(in.NextToken, tokenBoards)
	if err != nil {
		return nil, err
	}
	at := callersPlace(ctx)
	var all []boardRecord
	err = s.db.Read(ctx, func(tx *state.Tx) (err error) {
		all, _, err = boardRecords.List(tx, at.boardKey("").Scope, "", after, 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list dashboards: %w", err)
	}
	out := &awscloudwatch.ListDashboardsOutput{DashboardEntries: []awscloudwatch.DashboardEntry{}}
	for i := range all {
		r := &all[i]
		if !strings.HasPrefix(r.Name, valueOf(in.DashboardNamePrefix)) {
			continue
		}
		if n := len(out.DashboardEntries); n == boardsPage {
			out.NextToken = pageToken(tokenBoards, *out.DashboardEntries[n-1].DashboardName)
			break
		}
		out.DashboardEntries = append(out.DashboardEntries, awscloudwatch.DashboardEntry{
			DashboardName: &r.Name, DashboardArn: new(boardARN(at, r.Name)), LastModified: &r.Modified, Size: new(int64(len(r.Body))),
		})
	}
	return out, nil
}

// DeleteDashboards deletes those of the dashboards that there are; an unknown one among them is an error all the same.
func (s *Service) DeleteDashboards(
	ctx context.Context, in *awscloudwatch.DeleteDashboardsInput,
) (*awscloudwatch.DeleteDashboardsOutput, error) {
	if len(in.DashboardNames) > 100 {
		return nil, invalidValue("The collection DashboardNames must not have a size greater than 100.")
	}
	at := callersPlace(ctx)
	var unknown []string
	err := s.db.Write(ctx, func(tx *state.Tx) error {
		for _, name := range in.DashboardNames {
			err := boardRecords.Delete(tx, at.boardKey(name))
			if errors.Is(err, state.ErrNotFound) {
				unknown = append(unknown, name)
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("delete dashboards: %w", err)
	case len(unknown) > 0:
		return nil, awscloudwatch.DashboardNotFoundError("The specified dashboard does not exist. [%s]", strings.Join(unknown, ", "))
	}
	return &awscloudwatch.DeleteDashboardsOutput{}, nil
}
