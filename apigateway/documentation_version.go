package apigateway

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/state"
)

var documentationVersions = state.Collection[documentationVersionRecord]{Kind: "apigateway.DocumentationVersion"}

// documentationVersionRecord is a snapshot of an API's documentation parts.
type documentationVersionRecord struct {
	Version     string                    `json:"version"`
	Description string                    `json:"description,omitempty"`
	CreatedDate time.Time                 `json:"createdDate"`
	Parts       []documentationPartRecord `json:"parts,omitempty"`
}

func errUnknownDocumentationVersion() error {
	return notFound("Invalid Documentation version identifier specified")
}

// CreateDocumentationVersion snapshots the parts as they are now. With a stage name the stage then shows the version.
func (s *Service) CreateDocumentationVersion(
	ctx context.Context, in *awsapigateway.CreateDocumentationVersionRequest,
) (*awsapigateway.DocumentationVersion, error) {
	ver := documentationVersionRecord{
		Version: in.DocumentationVersion, Description: deref(in.Description), CreatedDate: s.timestamp(),
	}
	err := s.write(ctx, func(v view) (err error) {
		if ver.Parts, err = v.documentationParts(in.RestApiId); err != nil {
			return err
		}
		_, ok, err := lookup(v, documentationVersions, in.RestApiId, ver.Version)
		switch {
		case err != nil:
			return err
		case ok:
			return conflict("Documentation version already exists: %s", ver.Version)
		}
		if in.StageName != nil {
			if err := v.document(in.RestApiId, *in.StageName, ver); err != nil {
				return err
			}
		}
		return put(v, documentationVersions, in.RestApiId, ver.Version, ver)
	})
	if err != nil {
		return nil, err
	}
	return ver.toWire(), nil
}

// document has a stage show a version. Nothing of what the stage serves changes.
func (v view) document(apiID, stageName string, ver documentationVersionRecord) error {
	st, err := v.stage(apiID, stageName)
	if err != nil {
		return err
	}
	st.DocumentationVersion, st.LastUpdatedDate = ver.Version, ver.CreatedDate
	return put(v, stages, apiID, stageName, st)
}

func (v view) documentationVersion(apiID, version string) (documentationVersionRecord, error) {
	if _, err := v.restApi(apiID); err != nil {
		return documentationVersionRecord{}, err
	}
	return find(v, documentationVersions, apiID, version, errUnknownDocumentationVersion())
}

// checkDocumentationVersion refuses to have a stage show a version that is not there. Empty: none.
func (v view) checkDocumentationVersion(apiID, version string) error {
	if version == "" {
		return nil
	}
	_, err := v.documentationVersion(apiID, version)
	return err
}

// GetDocumentationVersion returns one version, without its parts.
func (s *Service) GetDocumentationVersion(
	ctx context.Context, in *awsapigateway.GetDocumentationVersionRequest,
) (*awsapigateway.DocumentationVersion, error) {
	var ver documentationVersionRecord
	err := s.read(ctx, func(v view) (err error) {
		ver, err = v.documentationVersion(in.RestApiId, in.DocumentationVersion)
		return err
	})
	if err != nil {
		return nil, err
	}
	return ver.toWire(), nil
}

// GetDocumentationVersions lists an API's versions by name.
func (s *Service) GetDocumentationVersions(
	ctx context.Context, in *awsapigateway.GetDocumentationVersionsRequest,
) (*awsapigateway.DocumentationVersions, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	out := &awsapigateway.DocumentationVersions{Items: []awsapigateway.DocumentationVersion{}}
	err = s.read(ctx, func(v view) error {
		if _, err := v.restApi(in.RestApiId); err != nil {
			return err
		}
		docs, more, err := documentationVersions.List(v.tx, v.scope(), in.RestApiId, p.after, p.limit)
		for _, ver := range docs {
			out.Items = append(out.Items, *ver.toWire())
			out.Position = position(ver.Version, more)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list documentation versions of %s: %w", in.RestApiId, err)
	}
	return out, nil
}

// UpdateDocumentationVersion patches a version's description; its parts never change.
func (s *Service) UpdateDocumentationVersion(
	ctx context.Context, in *awsapigateway.UpdateDocumentationVersionRequest,
) (*awsapigateway.DocumentationVersion, error) {
	var ver documentationVersionRecord
	patches := plainTable(replaceText("/description", func(r *documentationVersionRecord) *string { return &r.Description }))
	err := s.write(ctx, func(v view) (err error) {
		if ver, err = v.documentationVersion(in.RestApiId, in.DocumentationVersion); err != nil {
			return err
		}
		if err := patches.apply(&ver, in.PatchOperations); err != nil {
			return err
		}
		return put(v, documentationVersions, in.RestApiId, ver.Version, ver)
	})
	if err != nil {
		return nil, err
	}
	return ver.toWire(), nil
}

// DeleteDocumentationVersion removes a version that no stage shows.
func (s *Service) DeleteDocumentationVersion(ctx context.Context, in *awsapigateway.DeleteDocumentationVersionRequest) error {
	return s.write(ctx, func(v view) error {
		ver, err := v.documentationVersion(in.RestApiId, in.DocumentationVersion)
		if err != nil {
			return err
		}
		list, err := all(v, stages, in.RestApiId)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(list, func(st stageRecord) bool { return st.DocumentationVersion == ver.Version }) {
			return conflict("Cannot delete documentation version '%s', is referenced in a stage", ver.Version)
		}
		return documentationVersions.Delete(v.tx, v.key(in.RestApiId, ver.Version))
	})
}

func (d documentationVersionRecord) toWire() *awsapigateway.DocumentationVersion {
	return &awsapigateway.DocumentationVersion{
		Version: &d.Version, CreatedDate: &d.CreatedDate, Description: optional(d.Description),
	}
}
