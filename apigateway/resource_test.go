package apigateway_test

import (
	"regexp"
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

func (f *fixture) createResource(apiID, parentID, part string) error {
	_, err := f.CreateResource(f.ctx, &ag.CreateResourceRequest{RestApiId: apiID, ParentId: parentID, PathPart: part})
	return err
}

func (f *fixture) updateResource(apiID, id string, ops ...ag.PatchOperation) (*ag.Resource, error) {
	return f.UpdateResource(f.ctx, &ag.UpdateResourceRequest{RestApiId: apiID, ResourceId: id, PatchOperations: ops})
}

func (f *fixture) paths(t *testing.T, apiID string) []string {
	t.Helper()
	out := must[*ag.Resources](t)(f.GetResources(f.ctx, &ag.GetResourcesRequest{RestApiId: apiID, Limit: new(int32(500))}))
	var paths []string
	for _, res := range out.Items {
		paths = append(paths, *res.Path)
	}
	return paths
}

func TestResourceShapes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	same(t, must[*ag.Resource](t)(f.GetResource(f.ctx, &ag.GetResourceRequest{RestApiId: api, ResourceId: root})),
		&ag.Resource{Id: &root, Path: new("/")})

	got := must[*ag.Resource](t)(f.CreateResource(f.ctx, &ag.CreateResourceRequest{RestApiId: api, ParentId: root, PathPart: "notes"}))
	want := &ag.Resource{Id: got.Id, ParentId: &root, Path: new("/notes"), PathPart: new("notes")}
	same(t, got, want)
	if !regexp.MustCompile(`^[a-z0-9]{6}$`).MatchString(*got.Id) {
		t.Errorf("id %s is not of AWS' form", *got.Id)
	}

	f.mock(t, api, *got.Id, "GET")
	want.ResourceMethods = map[string]ag.Method{"GET": {}}
	same(t, must[*ag.Resource](t)(f.GetResource(f.ctx, &ag.GetResourceRequest{RestApiId: api, ResourceId: *got.Id})), want)
	full := must[*ag.Resource](t)(f.GetResource(f.ctx,
		&ag.GetResourceRequest{RestApiId: api, ResourceId: *got.Id, Embed: []string{"methods"}}))
	method := must[*ag.Method](t)(f.GetMethod(f.ctx, &ag.GetMethodRequest{RestApiId: api, ResourceId: *got.Id, HttpMethod: "GET"}))
	same(t, full.ResourceMethods, map[string]ag.Method{"GET": *method})
}

func TestResourceErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	pets := f.resource(t, api, root, "pets")
	f.resource(t, api, pets, "{id}")
	files := f.resource(t, api, root, "files")
	proxy := f.resource(t, api, files, "{proxy+}")

	const unknown = "Invalid Resource identifier specified"
	const siblings = "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed"
	const part = "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end."
	for name, c := range map[string]struct {
		err           error
		code, message string
	}{
		"unknown api":      {f.createResource("nope", root, "x"), notFound, "Invalid API identifier specified 123456789012:nope"},
		"unknown parent":   {f.createResource(api, "nope", "x"), notFound, unknown},
		"same name":        {f.createResource(api, root, "pets"), conflict, "Another resource with the same parent already has this name: pets"},
		"same variable":    {f.createResource(api, files, "{proxy+}"), conflict, "Another resource with the same parent already has this name: {proxy+}"},
		"second variable":  {f.createResource(api, files, "{other}"), badRequest, siblings},
		"greedy beside":    {f.createResource(api, pets, "{p+}"), badRequest, "A sibling ({id}) of this resource already has a variable path part -- only one is allowed"},
		"below greedy":     {f.createResource(api, proxy, "x"), badRequest, "Cannot create a child of a resource with a greedy path variable: {proxy+}"},
		"slash":            {f.createResource(api, root, "a/b"), badRequest, part},
		"empty":            {f.createResource(api, root, ""), badRequest, part},
		"half a variable":  {f.createResource(api, root, "{a"), badRequest, part},
		"variable in text": {f.createResource(api, root, "a{b}"), badRequest, part},
		"delete unknown":   {f.DeleteResource(f.ctx, &ag.DeleteResourceRequest{RestApiId: api, ResourceId: "nope"}), notFound, unknown},
		"delete root":      {f.DeleteResource(f.ctx, &ag.DeleteResourceRequest{RestApiId: api, ResourceId: root}), badRequest, "Root resource cannot be deleted."},
	} {
		t.Run(name, func(t *testing.T) { wantError(t, c.err, c.code, c.message) })
	}
	_, err := f.GetResource(f.ctx, &ag.GetResourceRequest{RestApiId: api, ResourceId: "nope"})
	wantError(t, err, notFound, unknown)
	same(t, f.paths(t, api), []string{"/", "/files", "/files/{proxy+}", "/pets", "/pets/{id}"})
}

func TestResourcePatchErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	a := f.resource(t, api, root, "a")
	b := f.resource(t, api, a, "b")
	f.resource(t, api, root, "c")
	greedy := f.resource(t, api, f.resource(t, api, root, "files"), "{proxy+}")
	before := f.paths(t, api)
	for name, c := range map[string]struct {
		id            string
		op            ag.PatchOperation
		code, message string
	}{
		"unknown path":   {b, patch("replace", "/x", "y"), badRequest, "Invalid patch path  '/x' specified for op 'replace'. Must be one of: [/parentId, /pathPart]"},
		"op":             {b, patch("add", "/pathPart", "y"), badRequest, "Invalid patch path  '/pathPart' specified for op 'add'. Please choose supported operations"},
		"root parent":    {root, patch("replace", "/parentId", a), badRequest, "Root resource cannot update its parentId."},
		"root part":      {root, patch("replace", "/pathPart", "x"), badRequest, "Root resource cannot update its pathPart."},
		"own child":      {a, patch("replace", "/parentId", b), badRequest, "Resources cannot be cyclical."},
		"itself":         {a, patch("replace", "/parentId", a), badRequest, "Resources cannot be cyclical."},
		"no parent":      {a, patch("replace", "/parentId", ""), notFound, "Invalid Resource identifier specified"},
		"name taken":     {a, patch("replace", "/pathPart", "c"), conflict, "Another resource with the same parent already has this name: c"},
		"under greedy":   {b, patch("replace", "/parentId", greedy), badRequest, "Cannot create a child of a resource with a greedy path variable: {proxy+}"},
		"becomes greedy": {a, patch("replace", "/pathPart", "{x+}"), badRequest, "Cannot create a child of a resource with a greedy path variable: {x+}"},
		"unknown id":     {"nope", patch("replace", "/pathPart", "x"), notFound, "Invalid Resource identifier specified"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.updateResource(api, c.id, c.op)
			wantError(t, err, c.code, c.message)
			same(t, f.paths(t, api), before)
		})
	}
}

func TestResourceMoveRewritesPaths(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	a := f.resource(t, api, root, "a")
	b := f.resource(t, api, a, "b")
	f.resource(t, api, b, "{c}")
	d := f.resource(t, api, root, "d")

	got := must[*ag.Resource](t)(f.updateResource(api, b, patch("replace", "/parentId", d), patch("replace", "/pathPart", "e")))
	same(t, got, &ag.Resource{Id: &b, ParentId: &d, Path: new("/d/e"), PathPart: new("e")})
	same(t, f.paths(t, api), []string{"/", "/a", "/d", "/d/e", "/d/e/{c}"})

	if err := f.DeleteResource(f.ctx, &ag.DeleteResourceRequest{RestApiId: api, ResourceId: d}); err != nil {
		t.Fatal(err)
	}
	same(t, f.paths(t, api), []string{"/", "/a"})
}

func TestResourcePaging(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	for _, part := range []string{"c", "a", "b"} {
		f.resource(t, api, root, part)
	}
	in := &ag.GetResourcesRequest{RestApiId: api, Limit: new(int32(3))}
	first := must[*ag.Resources](t)(f.GetResources(f.ctx, in))
	same(t, len(first.Items), 3)
	in.Position = first.Position
	second := must[*ag.Resources](t)(f.GetResources(f.ctx, in))
	same(t, len(second.Items), 1)
	same(t, second.Items[0].Path, new("/c"))
	same(t, second.Position, (*string)(nil))
}
