package apigateway

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/state"
)

// A VpcLink leads integrations to back ends in a private network. At AWS it stands for a load balancer, whose ARN is its
// target. The gateway is in a network itself and needs no such bridge: with an ARN as its target, a link changes nothing,
// and requests go to the integration's URI. A target may also be an address, http://host:port; then connections are made
// to that address, and the URI says only what is asked for there.

var vpcLinks = state.Collection[vpcLinkRecord]{Kind: "apigateway.VpcLink"}

type vpcLinkRecord struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description,omitempty"`
	TargetARNs  []string          `json:"targetArns"`
	Tags        map[string]string `json:"tags,omitempty"`
}

const (
	vpcLinkIDLength = 6
	maxVPCLinks     = 20 // AWS' limit
)

func errUnknownVPCLink() error { return notFound("Invalid Vpc Link identifier specified") }

// CreateVpcLink makes a link, which can be used at once.
func (s *Service) CreateVpcLink(ctx context.Context, in *awsapigateway.CreateVpcLinkRequest) (*awsapigateway.VpcLink, error) {
	link := vpcLinkRecord{Name: in.Name, Description: deref(in.Description), TargetARNs: in.TargetArns, Tags: in.Tags}
	if err := link.check(); err != nil {
		return nil, err
	}
	err := s.write(ctx, func(v view) error {
		list, err := all(v, vpcLinks, "")
		if err != nil {
			return err
		}
		if len(list) >= maxVPCLinks {
			return limitExceeded("Maximum number of VPC links has been reached")
		}
		_, err = insertWithNewID(vpcLinkIDLength, func(id string) error {
			link.ID = id
			return vpcLinks.Insert(v.tx, v.key("", id), link)
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	out := link.toWire()
	out.Status, out.StatusMessage = new("PENDING"), nil // clients wait for what they see next
	return out, nil
}

func (l vpcLinkRecord) check() error {
	if l.Name == "" {
		return badRequest("Name cannot be empty")
	}
	if len(l.TargetARNs) == 0 {
		return badRequest("At least one target ARN must be specified")
	}
	for _, target := range l.TargetARNs {
		if parts := strings.Split(target, ":"); len(parts) >= 6 && parts[0] == "arn" {
			continue
		}
		if _, ok := targetAddress(target); !ok {
			return badRequest("Invalid ARN. ARN is not well formed %s", target)
		}
	}
	return checkTags(l.Tags)
}

// targetAddress is the host and port of a target that is an address.
func targetAddress(target string) (address string, ok bool) {
	u, err := url.Parse(target)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", false
	}
	port := u.Port()
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return "", false
	case port == "" && u.Scheme == "https":
		port = "443"
	case port == "":
		port = "80"
	}
	if strings.Contains(u.Hostname(), ":") {
		return "[" + u.Hostname() + "]:" + port, true
	}
	return u.Hostname() + ":" + port, true
}

// addresses are where the links lead, by ID; empty: to the integration's own URI.
func addresses(links []vpcLinkRecord) map[string]string {
	if len(links) == 0 {
		return nil
	}
	found := make(map[string]string, len(links))
	for _, l := range links {
		found[l.ID], _ = targetAddress(l.TargetARNs[0])
	}
	return found
}

func (v view) vpcLink(id string) (vpcLinkRecord, error) {
	return find(v, vpcLinks, "", id, errUnknownVPCLink())
}

// GetVpcLink returns one link.
func (s *Service) GetVpcLink(ctx context.Context, in *awsapigateway.GetVpcLinkRequest) (*awsapigateway.VpcLink, error) {
	var link vpcLinkRecord
	err := s.read(ctx, func(v view) (err error) {
		link, err = v.vpcLink(in.VpcLinkId)
		return err
	})
	if err != nil {
		return nil, err
	}
	return link.toWire(), nil
}

// GetVpcLinks lists the links by ID.
func (s *Service) GetVpcLinks(ctx context.Context, in *awsapigateway.GetVpcLinksRequest) (*awsapigateway.VpcLinks, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	out := &awsapigateway.VpcLinks{Items: []awsapigateway.VpcLink{}}
	err = s.read(ctx, func(v view) error {
		docs, more, err := vpcLinks.List(v.tx, v.scope(), "", p.after, p.limit)
		for _, link := range docs {
			out.Items = append(out.Items, *link.toWire())
			out.Position = position(link.ID, more)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list vpc links: %w", err)
	}
	return out, nil
}

// UpdateVpcLink patches a link's name and description.
func (s *Service) UpdateVpcLink(ctx context.Context, in *awsapigateway.UpdateVpcLinkRequest) (*awsapigateway.VpcLink, error) {
	var link vpcLinkRecord
	patches := plainTable(
		replaceText("/name", func(l *vpcLinkRecord) *string { return &l.Name }),
		replaceText("/description", func(l *vpcLinkRecord) *string { return &l.Description }),
	)
	err := s.write(ctx, func(v view) (err error) {
		if link, err = v.vpcLink(in.VpcLinkId); err != nil {
			return err
		}
		if err := patches.apply(&link, in.PatchOperations); err != nil {
			return err
		}
		if err := link.check(); err != nil {
			return err
		}
		return put(v, vpcLinks, "", link.ID, link)
	})
	if err != nil {
		return nil, err
	}
	return link.toWire(), nil
}

// DeleteVpcLink removes a link that no stage uses.
func (s *Service) DeleteVpcLink(ctx context.Context, in *awsapigateway.DeleteVpcLinkRequest) error {
	return s.write(ctx, func(v view) error {
		link, err := v.vpcLink(in.VpcLinkId)
		if err != nil {
			return err
		}
		users, err := v.usersOfVPCLink(link.ID)
		if err != nil {
			return err
		}
		if len(users) > 0 {
			return badRequest("Cannot delete vpc link. Vpc link '%s', is referenced in [%s] in format of [Method:Resource:Stage].",
				link.ID, strings.Join(users, ", "))
		}
		return vpcLinks.Delete(v.tx, v.key("", link.ID))
	})
}

// usersOfVPCLink lists the methods whose requests go through a link, as method:resource:stage.
func (v view) usersOfVPCLink(id string) (users []string, _ error) {
	apis, err := all(v, restApis, "")
	if err != nil {
		return nil, err
	}
	for _, api := range apis {
		list, err := all(v, stages, api.ID)
		if err != nil {
			return nil, err
		}
		for _, st := range list {
			snap, err := find(v, snapshots, api.ID, st.DeploymentID, errNoSnapshot)
			if err != nil {
				return nil, err
			}
			users = append(users, snap.usersOfVPCLink(id, st)...)
		}
	}
	return users, nil
}

func (s snapshotRecord) usersOfVPCLink(id string, st stageRecord) (users []string) {
	for _, res := range s.Resources {
		for _, name := range sortedKeys(res.Methods) {
			i := res.Methods[name].Integration
			if i != nil && i.ConnectionType == connectionVPCLink && withStageVariables(i.ConnectionID, st.Variables) == id {
				users = append(users, name+":"+res.ID+":"+st.Name)
			}
		}
	}
	return users
}

// withStageVariables replaces ${stageVariables.name} in a text that is one.
func withStageVariables(text string, variables map[string]string) string {
	name, ok := strings.CutPrefix(text, "${stageVariables.")
	if name, closed := strings.CutSuffix(name, "}"); ok && closed {
		return variables[name]
	}
	return text
}

func (l vpcLinkRecord) toWire() *awsapigateway.VpcLink {
	return &awsapigateway.VpcLink{
		Id: &l.ID, Name: &l.Name, Description: optional(l.Description), TargetArns: l.TargetARNs, Tags: nilIfEmptyMap(l.Tags),
		Status: new("AVAILABLE"), StatusMessage: new("Your vpc link is ready for use"),
	}
}
