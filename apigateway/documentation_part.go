package apigateway

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/state"
)

var documentationParts = state.Collection[documentationPartRecord]{Kind: "apigateway.DocumentationPart"}

// documentationPartRecord documents one entity of an API. It changes nothing that is served: parts are exported, in the
// version that a stage names.
type documentationPartRecord struct {
	ID         string                `json:"id"`
	Location   documentationLocation `json:"location"`
	Properties string                `json:"properties"` // a JSON object, as clients sent it
}

// documentationLocation says what a part documents. It is comparable: an API has one part for a location.
type documentationLocation struct {
	Type       string `json:"type"`
	Path       string `json:"path,omitempty"`
	Method     string `json:"method,omitempty"`
	StatusCode string `json:"statusCode,omitempty"`
	Name       string `json:"name,omitempty"`
}

// locationMembers are the members beside type that each type of location may have. AWS fills in "/" for an absent path
// and "*" for an absent method or status.
var locationMembers = map[string]struct{ path, method, status, name bool }{
	"API":             {},
	"AUTHORIZER":      {name: true},
	"MODEL":           {name: true},
	"RESOURCE":        {path: true},
	"METHOD":          {path: true, method: true},
	"PATH_PARAMETER":  {path: true, method: true, name: true},
	"QUERY_PARAMETER": {path: true, method: true, name: true},
	"REQUEST_HEADER":  {path: true, method: true, name: true},
	"REQUEST_BODY":    {path: true, method: true},
	"RESPONSE":        {path: true, method: true, status: true},
	"RESPONSE_HEADER": {path: true, method: true, status: true, name: true},
	"RESPONSE_BODY":   {path: true, method: true, status: true},
}

// complete checks a location and fills in its defaults.
func (l documentationLocation) complete() (documentationLocation, error) {
	allowed, ok := locationMembers[l.Type]
	if !ok {
		return l, badRequest("Invalid documentation part location type: %s", l.Type)
	}
	for _, member := range []struct {
		name    string
		value   *string
		allowed bool
		absent  string
	}{
		{"path", &l.Path, allowed.path, "/"},
		{"method", &l.Method, allowed.method, "*"},
		{"statusCode", &l.StatusCode, allowed.status, "*"},
		{"name", &l.Name, allowed.name, ""},
	} {
		if !member.allowed && *member.value != "" {
			return l, badRequest("Invalid documentation part location: %s is not allowed for type %s", member.name, l.Type)
		}
		if member.allowed {
			*member.value = cmp.Or(*member.value, member.absent)
		}
	}
	if allowed.name && l.Name == "" {
		return l, badRequest("Invalid documentation part location: name is required for type %s", l.Type)
	}
	return l, nil
}

// checkProperties decides whether text is what a part may hold: a JSON object that is not empty.
func checkProperties(text string) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil || len(object) == 0 {
		return badRequest("Invalid documentation part properties: must be a non-empty JSON object")
	}
	return nil
}

func errUnknownPart() error { return notFound("Invalid Documentation part identifier specified") }

// maxDocumentationParts is AWS' limit for one API.
const maxDocumentationParts = 2000

// CreateDocumentationPart documents an entity of an API. One location can have one part.
func (s *Service) CreateDocumentationPart(
	ctx context.Context, in *awsapigateway.CreateDocumentationPartRequest,
) (*awsapigateway.DocumentationPart, error) {
	part := documentationPartRecord{Location: locationFrom(*in.Location), Properties: in.Properties}
	err := s.write(ctx, func(v view) error {
		parts, err := v.documentationParts(in.RestApiId)
		if err != nil {
			return err
		}
		if part, err = checkPart(part); err != nil {
			return err
		}
		if slices.ContainsFunc(parts, part.samePlace) {
			return conflict("Documentation part already exists for the specified location: %s", part.Location)
		}
		if len(parts) >= maxDocumentationParts {
			return limitExceeded("Maximum number of documentation parts for this API has been reached")
		}
		return v.insertPart(in.RestApiId, &part)
	})
	if err != nil {
		return nil, err
	}
	return part.toWire(), nil
}

func checkPart(p documentationPartRecord) (_ documentationPartRecord, err error) {
	if p.Location, err = p.Location.complete(); err != nil {
		return p, err
	}
	return p, checkProperties(p.Properties)
}

func (p documentationPartRecord) samePlace(other documentationPartRecord) bool {
	return p.Location == other.Location
}

// String is how messages name a location: type 'METHOD', path '/', method 'GET'.
func (l documentationLocation) String() string {
	text := fmt.Sprintf("type '%s'", l.Type)
	for _, m := range [][2]string{{"path", l.Path}, {"method", l.Method}, {"statusCode", l.StatusCode}, {"name", l.Name}} {
		if m[1] != "" {
			text += fmt.Sprintf(", %s '%s'", m[0], m[1])
		}
	}
	return text
}

func (v view) documentationParts(apiID string) ([]documentationPartRecord, error) {
	if _, err := v.restApi(apiID); err != nil {
		return nil, err
	}
	return all(v, documentationParts, apiID)
}

// insertPart stores a new part, under an ID that it sets.
func (v view) insertPart(apiID string, part *documentationPartRecord) error {
	id, err := insertWithNewID(resourceIDLength, func(id string) error {
		part.ID = id
		return documentationParts.Insert(v.tx, v.key(apiID, id), *part)
	})
	part.ID = id
	return err
}

func (v view) documentationPart(apiID, id string) (documentationPartRecord, error) {
	if _, err := v.restApi(apiID); err != nil {
		return documentationPartRecord{}, err
	}
	return find(v, documentationParts, apiID, id, errUnknownPart())
}

// GetDocumentationPart returns one part.
func (s *Service) GetDocumentationPart(
	ctx context.Context, in *awsapigateway.GetDocumentationPartRequest,
) (*awsapigateway.DocumentationPart, error) {
	var part documentationPartRecord
	err := s.read(ctx, func(v view) (err error) {
		part, err = v.documentationPart(in.RestApiId, in.DocumentationPartId)
		return err
	})
	if err != nil {
		return nil, err
	}
	return part.toWire(), nil
}

// GetDocumentationParts lists an API's parts by ID, those of a type, a path, a name or a state of documentation.
func (s *Service) GetDocumentationParts(
	ctx context.Context, in *awsapigateway.GetDocumentationPartsRequest,
) (*awsapigateway.DocumentationParts, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	out := &awsapigateway.DocumentationParts{Items: []awsapigateway.DocumentationPart{}}
	err = s.read(ctx, func(v view) error {
		parts, err := v.documentationParts(in.RestApiId)
		if err != nil {
			return err
		}
		if deref(in.LocationStatus) == "UNDOCUMENTED" {
			if parts, err = v.undocumented(in.RestApiId, parts); err != nil {
				return err
			}
		}
		for _, part := range parts {
			switch {
			case part.key() <= p.after, !wantedPart(in, part):
			case len(out.Items) == p.limit:
				out.Position = position(partKey(out.Items[p.limit-1]), true)
				return nil
			default:
				out.Items = append(out.Items, *part.toWire())
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// key orders parts in lists: by ID, and by place what has none because it is not documented.
func (p documentationPartRecord) key() string { return cmp.Or(p.ID, "\xff"+p.Location.String()) }

func partKey(wire awsapigateway.DocumentationPart) string {
	if wire.Id != nil {
		return *wire.Id
	}
	return "\xff" + locationFrom(*wire.Location).String()
}

func wantedPart(in *awsapigateway.GetDocumentationPartsRequest, part documentationPartRecord) bool {
	l := part.Location
	return (in.Type == nil || *in.Type == l.Type) &&
		(in.Path == nil || *in.Path == l.Path) &&
		(in.NameQuery == nil || strings.Contains(l.Name, *in.NameQuery))
}

// undocumented lists the entities of the API that have no part: the API, its resources and its methods.
func (v view) undocumented(apiID string, parts []documentationPartRecord) ([]documentationPartRecord, error) {
	list, err := all(v, resources, apiID)
	if err != nil {
		return nil, err
	}
	places := []documentationLocation{{Type: "API"}}
	for _, res := range list {
		places = append(places, documentationLocation{Type: "RESOURCE", Path: res.Path})
		for _, method := range sortedKeys(res.Methods) {
			places = append(places, documentationLocation{Type: "METHOD", Path: res.Path, Method: method})
		}
	}
	var missing []documentationPartRecord
	for _, place := range places {
		part := documentationPartRecord{Location: place}
		if !slices.ContainsFunc(parts, part.samePlace) {
			missing = append(missing, part)
		}
	}
	slices.SortFunc(missing, func(a, b documentationPartRecord) int { return strings.Compare(a.key(), b.key()) })
	return missing, nil
}

// UpdateDocumentationPart patches a part's properties.
func (s *Service) UpdateDocumentationPart(
	ctx context.Context, in *awsapigateway.UpdateDocumentationPartRequest,
) (*awsapigateway.DocumentationPart, error) {
	var part documentationPartRecord
	patches := listingTable(replaceRule("/properties", func(p *documentationPartRecord, op patchOp) error {
		p.Properties = op.text()
		return checkProperties(p.Properties)
	}))
	err := s.write(ctx, func(v view) (err error) {
		if part, err = v.documentationPart(in.RestApiId, in.DocumentationPartId); err != nil {
			return err
		}
		if err := patches.apply(&part, in.PatchOperations); err != nil {
			return err
		}
		return put(v, documentationParts, in.RestApiId, part.ID, part)
	})
	if err != nil {
		return nil, err
	}
	return part.toWire(), nil
}

// DeleteDocumentationPart removes a part. Versions that hold it keep it.
func (s *Service) DeleteDocumentationPart(ctx context.Context, in *awsapigateway.DeleteDocumentationPartRequest) error {
	return s.write(ctx, func(v view) error {
		if _, err := v.documentationPart(in.RestApiId, in.DocumentationPartId); err != nil {
			return err
		}
		return documentationParts.Delete(v.tx, v.key(in.RestApiId, in.DocumentationPartId))
	})
}

// ImportDocumentationParts takes the parts of a JSON document: {"documentationParts": […]}, alone or as the
// x-amazon-apigateway-documentation of an OpenAPI document. Mode overwrite removes all others; merge, the default,
// replaces those of the same place.
func (s *Service) ImportDocumentationParts(
	ctx context.Context, in *awsapigateway.ImportDocumentationPartsRequest,
) (*awsapigateway.DocumentationPartIds, error) {
	parts, err := parseDocumentationParts(in.Body)
	if err != nil {
		return nil, err
	}
	out := &awsapigateway.DocumentationPartIds{Ids: []string{}}
	err = s.write(ctx, func(v view) error {
		if _, err := v.restApi(in.RestApiId); err != nil {
			return err
		}
		ids, err := v.importParts(in.RestApiId, parts, deref(in.Mode) == "overwrite")
		out.Ids = append(out.Ids, ids...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// importParts stores checked parts and returns their IDs, in their order.
func (v view) importParts(apiID string, parts []documentationPartRecord, overwrite bool) (ids []string, err error) {
	present, err := all(v, documentationParts, apiID)
	if err != nil {
		return nil, err
	}
	for _, old := range present {
		if overwrite || slices.ContainsFunc(parts, old.samePlace) {
			if err := documentationParts.Delete(v.tx, v.key(apiID, old.ID)); err != nil {
				return nil, fmt.Errorf("delete documentation part %s: %w", old.ID, err)
			}
		}
	}
	for _, part := range parts {
		if i := slices.IndexFunc(present, part.samePlace); i >= 0 && !overwrite {
			part.ID = present[i].ID // the same part, told anew
			err = put(v, documentationParts, apiID, part.ID, part)
		} else {
			err = v.insertPart(apiID, &part)
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, part.ID)
	}
	return ids, nil
}

// parseDocumentationParts reads and checks the parts in a document.
func parseDocumentationParts(body []byte) ([]documentationPartRecord, error) {
	type list struct {
		Parts []struct {
			Location   documentationLocation `json:"location"`
			Properties json.RawMessage       `json:"properties"`
		} `json:"documentationParts"`
	}
	var document struct {
		list
		Extension *list `json:"x-amazon-apigateway-documentation"`
	}
	err := json.Unmarshal(body, &document)
	if document.Extension != nil {
		document.list = *document.Extension
	}
	if err != nil || document.Parts == nil {
		return nil, badRequest("Unable to build importer with provided input.")
	}
	var parts []documentationPartRecord
	for _, p := range document.Parts {
		part, err := checkPart(documentationPartRecord{Location: p.Location, Properties: compactJSON(p.Properties)})
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(parts, part.samePlace) {
			return nil, badRequest("Documentation part is defined twice for the location: %s", part.Location)
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// compactJSON is JSON text without the spaces between its parts. Properties may also come as a string that holds them.
func compactJSON(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var out bytes.Buffer
	if json.Compact(&out, raw) != nil {
		return string(raw)
	}
	return out.String()
}

func locationFrom(wire awsapigateway.DocumentationPartLocation) documentationLocation {
	return documentationLocation{
		Type: wire.Type, Path: deref(wire.Path), Method: deref(wire.Method), StatusCode: deref(wire.StatusCode), Name: deref(wire.Name),
	}
}

func (p documentationPartRecord) toWire() *awsapigateway.DocumentationPart {
	l := p.Location
	return &awsapigateway.DocumentationPart{
		Id: optional(p.ID),
		Location: &awsapigateway.DocumentationPartLocation{
			Type: l.Type, Path: optional(l.Path), Method: optional(l.Method), StatusCode: optional(l.StatusCode), Name: optional(l.Name),
		},
		Properties: optional(p.Properties),
	}
}
