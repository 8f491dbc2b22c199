package apigateway_test

import (
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

func at(kind string, members ...string) *ag.DocumentationPartLocation {
	l := &ag.DocumentationPartLocation{Type: kind}
	for i, place := range []**string{&l.Path, &l.Method, &l.StatusCode, &l.Name} {
		if i < len(members) && members[i] != "" {
			*place = &members[i]
		}
	}
	return l
}

func (f *fixture) part(t *testing.T, api string, l *ag.DocumentationPartLocation, properties string) *ag.DocumentationPart {
	t.Helper()
	return must[*ag.DocumentationPart](t)(f.CreateDocumentationPart(f.ctx,
		&ag.CreateDocumentationPartRequest{RestApiId: api, Location: l, Properties: properties}))
}

func (f *fixture) parts(t *testing.T, in *ag.GetDocumentationPartsRequest) []ag.DocumentationPart {
	t.Helper()
	return must[*ag.DocumentationParts](t)(f.GetDocumentationParts(f.ctx, in)).Items
}

func TestDocumentationParts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	part := f.part(t, api, at("METHOD", "/pets"), `{"summary":"pets"}`)
	same(t, part.Location, at("METHOD", "/pets", "*"))
	f.part(t, api, at("REQUEST_HEADER", "", "", "", "X-Pet"), `{"description":"h"}`)

	_, err := f.CreateDocumentationPart(f.ctx, &ag.CreateDocumentationPartRequest{RestApiId: api, Location: at("METHOD", "/pets", "*"), Properties: `{"a":1}`})
	wantError(t, err, conflict, "Documentation part already exists for the specified location: type 'METHOD', path '/pets', method '*'")
	for _, c := range []struct {
		l          *ag.DocumentationPartLocation
		properties string
		message    string
	}{
		{at("API", "/"), `{"a":1}`, "Invalid documentation part location: path is not allowed for type API"},
		{at("MODEL"), `{"a":1}`, "Invalid documentation part location: name is required for type MODEL"},
		{at("API"), `[]`, "Invalid documentation part properties: must be a non-empty JSON object"},
	} {
		_, err := f.CreateDocumentationPart(f.ctx, &ag.CreateDocumentationPartRequest{RestApiId: api, Location: c.l, Properties: c.properties})
		wantError(t, err, badRequest, c.message)
	}

	updated := must[*ag.DocumentationPart](t)(f.UpdateDocumentationPart(f.ctx, &ag.UpdateDocumentationPartRequest{
		RestApiId: api, DocumentationPartId: *part.Id, PatchOperations: patches(patch("replace", "/properties", `{"summary":"all pets"}`))}))
	same(t, *updated.Properties, `{"summary":"all pets"}`)
	_, err = f.UpdateDocumentationPart(f.ctx, &ag.UpdateDocumentationPartRequest{
		RestApiId: api, DocumentationPartId: *part.Id, PatchOperations: patches(patch("replace", "/x", "y"))})
	wantError(t, err, badRequest, "Invalid patch path  '/x' specified for op 'replace'. Must be one of: [/properties]")

	same(t, len(f.parts(t, &ag.GetDocumentationPartsRequest{RestApiId: api})), 2)
	same(t, len(f.parts(t, &ag.GetDocumentationPartsRequest{RestApiId: api, Type: new("METHOD"), Path: new("/pets")})), 1)
	same(t, len(f.parts(t, &ag.GetDocumentationPartsRequest{RestApiId: api, NameQuery: new("Pet")})), 1)
	missing := f.parts(t, &ag.GetDocumentationPartsRequest{RestApiId: api, LocationStatus: new("UNDOCUMENTED"), Type: new("API")})
	same(t, missing, []ag.DocumentationPart{{Location: at("API")}})

	if err := f.DeleteDocumentationPart(f.ctx, &ag.DeleteDocumentationPartRequest{RestApiId: api, DocumentationPartId: *part.Id}); err != nil {
		t.Fatal(err)
	}
	_, err = f.GetDocumentationPart(f.ctx, &ag.GetDocumentationPartRequest{RestApiId: api, DocumentationPartId: *part.Id})
	wantError(t, err, notFound, "Invalid Documentation part identifier specified")
}

func TestDocumentationPartsInPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	for _, name := range []string{"A", "B", "C"} {
		f.part(t, api, at("MODEL", "", "", "", name), `{"d":1}`)
	}
	seen := map[string]bool{}
	in := &ag.GetDocumentationPartsRequest{RestApiId: api, Limit: new(int32(2))}
	for {
		out := must[*ag.DocumentationParts](t)(f.GetDocumentationParts(f.ctx, in))
		for _, p := range out.Items {
			seen[*p.Location.Name] = true
		}
		if in.Position = out.Position; in.Position == nil {
			break
		}
	}
	same(t, seen, map[string]bool{"A": true, "B": true, "C": true})
}

func TestImportDocumentationParts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	old := f.part(t, api, at("API"), `{"a":1}`)
	f.part(t, api, at("RESOURCE", "/pets"), `{"a":1}`)
	load := func(mode, body string) (*ag.DocumentationPartIds, error) {
		return f.ImportDocumentationParts(f.ctx, &ag.ImportDocumentationPartsRequest{RestApiId: api, Mode: &mode, Body: []byte(body)})
	}
	out := must[*ag.DocumentationPartIds](t)(load("merge", `{"documentationParts":[
		{"location":{"type":"API"},"properties":{"description": "new"}},
		{"location":{"type":"MODEL","name":"Pet"},"properties":"{\"d\":2}"}]}`))
	same(t, out.Ids[0], *old.Id)
	same(t, *must[*ag.DocumentationPart](t)(f.GetDocumentationPart(f.ctx,
		&ag.GetDocumentationPartRequest{RestApiId: api, DocumentationPartId: *old.Id})).Properties, `{"description":"new"}`)
	same(t, len(f.parts(t, &ag.GetDocumentationPartsRequest{RestApiId: api})), 3)

	must[*ag.DocumentationPartIds](t)(load("overwrite",
		`{"openapi":"3.0.1","x-amazon-apigateway-documentation":{"documentationParts":[{"location":{"type":"API"},"properties":{"d":1}}]}}`))
	same(t, len(f.parts(t, &ag.GetDocumentationPartsRequest{RestApiId: api})), 1)
	for _, body := range []string{"", "nonsense", "{}"} {
		_, err := load("overwrite", body)
		wantError(t, err, badRequest, "Unable to build importer with provided input.")
	}
	_, err := load("overwrite", `{"documentationParts":[{"location":{"type":"API"},"properties":{"d":1}},{"location":{"type":"API"},"properties":{"d":1}}]}`)
	wantError(t, err, badRequest, "Documentation part is defined twice for the location: type 'API'")
	same(t, len(f.parts(t, &ag.GetDocumentationPartsRequest{RestApiId: api})), 1)
}

func TestDocumentationVersions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	create := func(version string, stage *string) (*ag.DocumentationVersion, error) {
		return f.CreateDocumentationVersion(f.ctx, &ag.CreateDocumentationVersionRequest{
			RestApiId: api, DocumentationVersion: version, StageName: stage, Description: new("d")})
	}
	must[*ag.DocumentationVersion](t)(create("v1", new("prod")))
	same(t, *f.stage(t, api).DocumentationVersion, "v1")
	_, err := create("v1", nil)
	wantError(t, err, conflict, "Documentation version already exists: v1")
	_, err = create("v2", new("nope"))
	wantError(t, err, notFound, "Invalid stage identifier specified")
	must[*ag.DocumentationVersion](t)(create("v2", nil))
	same(t, len(must[*ag.DocumentationVersions](t)(f.GetDocumentationVersions(f.ctx,
		&ag.GetDocumentationVersionsRequest{RestApiId: api})).Items), 2)

	_, err = f.updateStage(api, patch("replace", "/documentationVersion", "v9"))
	wantError(t, err, notFound, "Invalid Documentation version identifier specified")
	del := func(version string) error {
		return f.DeleteDocumentationVersion(f.ctx, &ag.DeleteDocumentationVersionRequest{RestApiId: api, DocumentationVersion: version})
	}
	wantError(t, del("v1"), conflict, "Cannot delete documentation version 'v1', is referenced in a stage")
	f.updateStageOK(t, api, patch("replace", "/documentationVersion", "v2"))
	if err := del("v1"); err != nil {
		t.Fatal(err)
	}
	updated := must[*ag.DocumentationVersion](t)(f.UpdateDocumentationVersion(f.ctx, &ag.UpdateDocumentationVersionRequest{
		RestApiId: api, DocumentationVersion: "v2", PatchOperations: patches(patch("replace", "/description", "new"))}))
	same(t, *updated.Description, "new")
	_, err = f.GetDocumentationVersion(f.ctx, &ag.GetDocumentationVersionRequest{RestApiId: api, DocumentationVersion: "v1"})
	wantError(t, err, notFound, "Invalid Documentation version identifier specified")
}
