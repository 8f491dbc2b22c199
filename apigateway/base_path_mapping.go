package apigateway

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// noBasePath is how AWS writes the empty base path, in URLs and answers.
const noBasePath = "(none)"

// A base path is one segment in this version of AWS' API.
var basePathForm = regexp.MustCompile(`^[A-Za-z0-9$\-_.+!*'()]{1,300}$`)

func errUnknownMapping() error { return notFound("Invalid base path mapping identifier specified") }

// basePathFrom reads a base path as clients write it.
func basePathFrom(text string) (string, error) {
	text = strings.Trim(text, "/")
	if text == "" || text == noBasePath {
		return "", nil
	}
	if !basePathForm.MatchString(text) {
		return "", badRequest("API Gateway V1 doesn't support the slash character (/) in base path mappings. " +
			"Base paths may only contain letters, numbers and $-_.+!*'()")
	}
	return text, nil
}

// check decides whether a mapping leads somewhere.
func (m basePathMappingRecord) check(v view) error {
	if _, err := v.restApi(m.RestApiID); err != nil {
		return badRequest("Invalid REST API identifier specified")
	}
	if m.Stage == "" {
		return nil
	}
	if _, err := v.stage(m.RestApiID, m.Stage); err != nil {
		return badRequest("Invalid stage identifier specified")
	}
	return nil
}

// CreateBasePathMapping has a domain lead from a base path to a stage.
func (s *Service) CreateBasePathMapping(
	ctx context.Context, in *awsapigateway.CreateBasePathMappingRequest,
) (*awsapigateway.BasePathMapping, error) {
	s.publishingDomains.Lock()
	defer s.publishingDomains.Unlock()
	m := basePathMappingRecord{RestApiID: in.RestApiId, Stage: deref(in.Stage)}
	var domain domainNameRecord
	err := s.write(ctx, func(v view) (err error) {
		if domain, err = v.domainName(in.DomainName); err != nil {
			return err
		}
		if m.BasePath, err = basePathFrom(deref(in.BasePath)); err != nil {
			return err
		}
		if err := m.check(v); err != nil {
			return err
		}
		return v.insertMapping(domain.DomainName, m)
	})
	if err != nil {
		return nil, err
	}
	s.publishDomain(ctx, domain.DomainName)
	return m.toWire(), nil
}

// domainsOf lists the domains that have a mapping to a stage, or to an API if stage is empty.
func (v view) domainsOf(apiID, stage string) (names []string, _ error) {
	domains, err := all(v, domainNames, "")
	if err != nil {
		return nil, err
	}
	for _, d := range domains {
		mappings, err := all(v, basePathMaps, d.DomainName)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(mappings, func(m basePathMappingRecord) bool {
			return m.RestApiID == apiID && (stage == "" || m.Stage == stage)
		}) {
			names = append(names, d.DomainName)
		}
	}
	return names, nil
}

func (v view) insertMapping(domain string, m basePathMappingRecord) error {
	_, ok, err := lookup(v, basePathMaps, domain, m.id())
	if err != nil {
		return err
	}
	if ok {
		return conflict("Base path already exists for this domain name")
	}
	return put(v, basePathMaps, domain, m.id(), m)
}

// id is the mapping's key below its domain. Records of an empty id there are none.
func (m basePathMappingRecord) id() string {
	if m.BasePath == "" {
		return noBasePath
	}
	return m.BasePath
}

func (v view) basePathMapping(domain, basePath string) (m basePathMappingRecord, err error) {
	if m.BasePath, err = basePathFrom(basePath); err != nil {
		return m, errUnknownMapping()
	}
	return find(v, basePathMaps, domain, m.id(), errUnknownMapping())
}

// GetBasePathMapping returns one mapping.
func (s *Service) GetBasePathMapping(
	ctx context.Context, in *awsapigateway.GetBasePathMappingRequest,
) (*awsapigateway.BasePathMapping, error) {
	var m basePathMappingRecord
	err := s.read(ctx, func(v view) error {
		d, err := v.domainName(in.DomainName)
		if err != nil {
			return err
		}
		m, err = v.basePathMapping(d.DomainName, in.BasePath)
		return err
	})
	if err != nil {
		return nil, err
	}
	return m.toWire(), nil
}

// GetBasePathMappings lists a domain's mappings by base path.
func (s *Service) GetBasePathMappings(
	ctx context.Context, in *awsapigateway.GetBasePathMappingsRequest,
) (*awsapigateway.BasePathMappings, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	out := &awsapigateway.BasePathMappings{Items: []awsapigateway.BasePathMapping{}}
	err = s.read(ctx, func(v view) error {
		d, err := v.domainName(in.DomainName)
		if err != nil {
			return err
		}
		docs, more, err := basePathMaps.List(v.tx, v.scope(), d.DomainName, p.after, p.limit)
		for _, m := range docs {
			out.Items = append(out.Items, *m.toWire())
			out.Position = position(m.id(), more)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// UpdateBasePathMapping patches a mapping, which may move it to another base path.
func (s *Service) UpdateBasePathMapping(
	ctx context.Context, in *awsapigateway.UpdateBasePathMappingRequest,
) (*awsapigateway.BasePathMapping, error) {
	s.publishingDomains.Lock()
	defer s.publishingDomains.Unlock()
	var m basePathMappingRecord
	err := s.write(ctx, func(v view) error {
		d, err := v.domainName(in.DomainName)
		if err != nil {
			return err
		}
		if m, err = v.basePathMapping(d.DomainName, in.BasePath); err != nil {
			return err
		}
		old := m.id()
		if err := basePathMappingPatches().apply(&m, in.PatchOperations); err != nil {
			return err
		}
		if err := m.check(v); err != nil {
			return err
		}
		if m.id() == old {
			return put(v, basePathMaps, d.DomainName, old, m)
		}
		if err := basePathMaps.Delete(v.tx, v.key(d.DomainName, old)); err != nil {
			return err
		}
		return v.insertMapping(d.DomainName, m)
	})
	if err != nil {
		return nil, err
	}
	s.publishDomain(ctx, in.DomainName)
	return m.toWire(), nil
}

func basePathMappingPatches() patchTable[basePathMappingRecord] {
	type mapping = basePathMappingRecord
	return plainTable(
		replaceRule("/basePath", func(m *mapping, op patchOp) (err error) {
			m.BasePath, err = basePathFrom(op.text())
			return err
		}),
		replaceText("/restapiId", func(m *mapping) *string { return &m.RestApiID }),
		replaceText("/restApiId", func(m *mapping) *string { return &m.RestApiID }),
		replaceText("/stage", func(m *mapping) *string { return &m.Stage }),
	)
}

// DeleteBasePathMapping removes a mapping.
func (s *Service) DeleteBasePathMapping(ctx context.Context, in *awsapigateway.DeleteBasePathMappingRequest) error {
	s.publishingDomains.Lock()
	defer s.publishingDomains.Unlock()
	err := s.write(ctx, func(v view) error {
		d, err := v.domainName(in.DomainName)
		if err != nil {
			return err
		}
		m, err := v.basePathMapping(d.DomainName, in.BasePath)
		if err != nil {
			return err
		}
		return basePathMaps.Delete(v.tx, v.key(d.DomainName, m.id()))
	})
	if err != nil {
		return err
	}
	s.publishDomain(ctx, in.DomainName)
	return nil
}

func (m basePathMappingRecord) toWire() *awsapigateway.BasePathMapping {
	return &awsapigateway.BasePathMapping{BasePath: new(m.id()), RestApiId: &m.RestApiID, Stage: optional(m.Stage)}
}
