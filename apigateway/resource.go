package apigateway

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// A path part is plain, "{variable}" or "{greedy+}".
var pathPartForm = regexp.MustCompile(`^([A-Za-z0-9._,:-]+|\{[A-Za-z0-9._:-]+\+?\})$`)

func isVariable(pathPart string) bool { return strings.HasPrefix(pathPart, "{") }
func isGreedy(pathPart string) bool   { return strings.HasSuffix(pathPart, "+}") }

// CreateResource adds a child to a resource.
func (s *Service) CreateResource(ctx context.Context, in *awsapigateway.CreateResourceRequest) (*awsapigateway.Resource, error) {
	res := resourceRecord{ParentID: in.ParentId, PathPart: in.PathPart}
	err := s.write(ctx, func(v view) error {
		tree, err := v.tree(in.RestApiId)
		if err != nil {
			return err
		}
		if err := tree.checkPlace(res); err != nil {
			return err
		}
		if res.ID, err = v.freeResourceID(in.RestApiId, false); err != nil {
			return err
		}
		res.Path = joinPath(tree[res.ParentID].Path, res.PathPart)
		return v.putResource(in.RestApiId, res)
	})
	if err != nil {
		return nil, err
	}
	return res.toWire(false), nil
}

// resourceTree is every resource of an API by id.
type resourceTree map[string]*resourceRecord

func (v view) tree(apiID string) (resourceTree, error) {
	if _, err := v.restApi(apiID); err != nil {
		return nil, err
	}
	list, err := all(v, resources, apiID)
	if err != nil {
		return nil, err
	}
	tree := resourceTree{}
	for i := range list {
		tree[list[i].ID] = &list[i]
	}
	return tree, nil
}

// checkPlace decides whether res, new or changed, may stand where its ParentID and PathPart put it.
func (t resourceTree) checkPlace(res resourceRecord) error {
	parent := t[res.ParentID]
	switch {
	case parent == nil:
		return errUnknownResource()
	case !pathPartForm.MatchString(res.PathPart):
		return badRequest("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces " +
			"at the beginning and the end.")
	case t.below(res.ID, parent):
		return badRequest("Resources cannot be cyclical.")
	case isGreedy(parent.PathPart):
		return errBelowGreedy(parent.PathPart)
	case isGreedy(res.PathPart) && t.hasChildren(res.ID):
		return errBelowGreedy(res.PathPart)
	}
	return t.checkSiblings(res)
}

func errBelowGreedy(pathPart string) error {
	return badRequest("Cannot create a child of a resource with a greedy path variable: %s", pathPart)
}

func (t resourceTree) checkSiblings(res resourceRecord) error {
	var variable *resourceRecord
	for _, other := range t {
		if other.ID == res.ID || other.ParentID != res.ParentID {
			continue
		}
		if other.PathPart == res.PathPart {
			return conflict("Another resource with the same parent already has this name: %s", res.PathPart)
		}
		if isVariable(other.PathPart) && isVariable(res.PathPart) {
			variable = other
		}
	}
	if variable != nil {
		return badRequest("A sibling (%s) of this resource already has a variable path part -- only one is allowed",
			variable.PathPart)
	}
	return nil
}

// below tells whether res is the resource id or lies under it.
func (t resourceTree) below(id string, res *resourceRecord) bool {
	for res != nil {
		if res.ID == id {
			return true
		}
		res = t[res.ParentID]
	}
	return false
}

func (t resourceTree) hasChildren(id string) bool {
	for _, other := range t {
		if id != "" && other.ParentID == id {
			return true
		}
	}
	return false
}

func joinPath(parent, part string) string {
	return strings.TrimSuffix(parent, "/") + "/" + part
}

// GetResource returns one resource, with its methods in full when embed says so.
func (s *Service) GetResource(ctx context.Context, in *awsapigateway.GetResourceRequest) (*awsapigateway.Resource, error) {
	var res resourceRecord
	err := s.read(ctx, func(v view) (err error) {
		res, err = v.resource(in.RestApiId, in.ResourceId)
		return err
	})
	if err != nil {
		return nil, err
	}
	return res.toWire(embedsMethods(in.Embed)), nil
}

func embedsMethods(embed []string) bool { return slices.Contains(embed, "methods") }

// GetResources lists an API's resources by path.
func (s *Service) GetResources(ctx context.Context, in *awsapigateway.GetResourcesRequest) (*awsapigateway.Resources, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	var list []resourceRecord
	err = s.read(ctx, func(v view) (err error) {
		if _, err := v.restApi(in.RestApiId); err != nil {
			return err
		}
		list, err = all(v, resources, in.RestApiId)
		return err
	})
	if err != nil {
		return nil, err
	}
	list, more := pageOfResources(list, p)
	out := &awsapigateway.Resources{Items: []awsapigateway.Resource{}}
	for _, res := range list {
		out.Items = append(out.Items, *res.toWire(embedsMethods(in.Embed)))
		out.Position = position(res.Path, more)
	}
	return out, nil
}

func pageOfResources(list []resourceRecord, p page) (_ []resourceRecord, more bool) {
	slices.SortFunc(list, byPath)
	list = slices.DeleteFunc(list, func(res resourceRecord) bool { return res.Path <= p.after })
	if len(list) > p.limit {
		return list[:p.limit], true
	}
	return list, false
}

func byPath(a, b resourceRecord) int { return strings.Compare(a.Path, b.Path) }

// UpdateResource renames a resource or moves it below another; the paths of its subtree follow.
func (s *Service) UpdateResource(ctx context.Context, in *awsapigateway.UpdateResourceRequest) (*awsapigateway.Resource, error) {
	var res resourceRecord
	err := s.write(ctx, func(v view) error {
		tree, err := v.tree(in.RestApiId)
		if err != nil {
			return err
		}
		if tree[in.ResourceId] == nil {
			return errUnknownResource()
		}
		res = *tree[in.ResourceId]
		if err := resourcePatches().apply(&res, in.PatchOperations); err != nil {
			return err
		}
		if res.ParentID == "" {
			return nil // the root, which only an empty list of operations gets past
		}
		if err := tree.checkPlace(res); err != nil {
			return err
		}
		tree[res.ID] = &res
		return v.repath(in.RestApiId, tree, &res)
	})
	if err != nil {
		return nil, err
	}
	return res.toWire(false), nil
}

// repath stores res and everything below it with paths that fit their parents.
func (v view) repath(apiID string, tree resourceTree, res *resourceRecord) error {
	res.Path = joinPath(tree[res.ParentID].Path, res.PathPart)
	if err := v.putResource(apiID, *res); err != nil {
		return err
	}
	for _, child := range tree {
		if child.ParentID != res.ID {
			continue
		}
		if err := v.repath(apiID, tree, child); err != nil {
			return err
		}
	}
	return nil
}

func resourcePatches() patchTable[resourceRecord] {
	return listingTable(
		replaceRule("/parentId", func(res *resourceRecord, op patchOp) error {
			if res.ParentID == "" {
				return badRequest("Root resource cannot update its parentId.")
			}
			if op.text() == "" {
				return errUnknownResource()
			}
			res.ParentID = op.text()
			return nil
		}),
		replaceRule("/pathPart", func(res *resourceRecord, op patchOp) error {
			if res.ParentID == "" {
				return badRequest("Root resource cannot update its pathPart.")
			}
			res.PathPart = op.text()
			return nil
		}),
	)
}

// DeleteResource removes a resource and everything below it.
func (s *Service) DeleteResource(ctx context.Context, in *awsapigateway.DeleteResourceRequest) error {
	return s.write(ctx, func(v view) error {
		tree, err := v.tree(in.RestApiId)
		if err != nil {
			return err
		}
		switch res := tree[in.ResourceId]; {
		case res == nil:
			return errUnknownResource()
		case res.ParentID == "":
			return badRequest("Root resource cannot be deleted.")
		}
		for _, res := range tree {
			if !tree.below(in.ResourceId, res) {
				continue
			}
			if err := resources.Delete(v.tx, v.key(in.RestApiId, res.ID)); err != nil {
				return fmt.Errorf("delete resource %s: %w", res.ID, err)
			}
		}
		return nil
	})
}

// toWire is the resource with its methods in full, or with only their names as AWS shows them without embed.
func (r resourceRecord) toWire(embedMethods bool) *awsapigateway.Resource {
	out := &awsapigateway.Resource{
		Id:       &r.ID,
		ParentId: optional(r.ParentID),
		PathPart: optional(r.PathPart),
		Path:     &r.Path,
	}
	if len(r.Methods) == 0 {
		return out
	}
	out.ResourceMethods = map[string]awsapigateway.Method{}
	for name, m := range r.Methods {
		if embedMethods {
			out.ResourceMethods[name] = *m.toWire()
		} else {
			out.ResourceMethods[name] = awsapigateway.Method{}
		}
	}
	return out
}
