package apigateway

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// CreateDeployment snapshots the API. With a stage name the stage then serves the snapshot; it is made if absent.
func (s *Service) CreateDeployment(ctx context.Context, in *awsapigateway.CreateDeploymentRequest) (*awsapigateway.Deployment, error) {
	defer s.lockAPI(in.RestApiId)()
	dep := deploymentRecord{Description: deref(in.Description), CreatedDate: s.timestamp()}
	err := s.write(ctx, func(v view) error {
		if _, err := v.restApi(in.RestApiId); err != nil {
			return err
		}
		if err := v.checkDeploymentCanary(in); err != nil {
			return err
		}
		var err error
		if dep.ID, err = v.snapshot(in.RestApiId, dep); err != nil {
			return err
		}
		if deref(in.StageName) == "" {
			return nil
		}
		return v.deployTo(in, dep)
	})
	if err != nil {
		return nil, err
	}
	if stage := deref(in.StageName); stage != "" {
		s.publish(ctx, in.RestApiId, stage)
	}
	return dep.toWire(), nil
}

// snapshot stores the API as it is now under a new deployment id.
func (v view) snapshot(apiID string, dep deploymentRecord) (id string, err error) {
	snap, err := v.apiNow(apiID)
	if err != nil {
		return "", err
	}
	if err := snap.check(); err != nil {
		return "", err
	}
	id, err = insertWithNewID(deploymentIDLength, func(id string) error {
		dep.ID = id
		return deployments.Insert(v.tx, v.key(apiID, id), dep)
	})
	if err != nil {
		return "", fmt.Errorf("create deployment of %s: %w", apiID, err)
	}
	return id, put(v, snapshots, apiID, id, snap)
}

// apiNow is all that is served of an API, as it is now.
func (v view) apiNow(apiID string) (snap snapshotRecord, err error) {
	if snap.API, err = v.restApi(apiID); err != nil {
		return snap, err
	}
	if snap.Resources, err = all(v, resources, apiID); err != nil {
		return snap, err
	}
	slices.SortFunc(snap.Resources, byPath)
	if snap.Models, err = all(v, models, apiID); err != nil {
		return snap, err
	}
	if snap.RequestValidators, err = all(v, requestValidators, apiID); err != nil {
		return snap, err
	}
	if snap.GatewayResponses, err = all(v, gatewayResponses, apiID); err != nil {
		return snap, err
	}
	if snap.Authorizers, err = all(v, authorizers, apiID); err != nil {
		return snap, err
	}
	links, err := all(v, vpcLinks, "")
	if err != nil {
		return snap, err
	}
	snap.VPCLinks = addresses(links)
	return snap, nil
}

// check decides whether the API can be deployed.
func (s snapshotRecord) check() error {
	methods := 0
	for _, res := range s.Resources {
		for _, m := range res.Methods {
			if m.Integration == nil {
				return badRequest("No integration defined for method")
			}
			methods++
		}
	}
	if methods == 0 {
		return badRequest("The REST API doesn't contain any methods")
	}
	if s.API.EndpointType == endpointPrivate && s.API.Policy == "" {
		return badRequest("Private REST API doesn't have a resource policy attached to it")
	}
	return nil
}

// deployTo points the stage at the deployment. Stage members that the request has are set on the stage, new or not.
func (v view) deployTo(in *awsapigateway.CreateDeploymentRequest, dep deploymentRecord) error {
	name := *in.StageName
	st, ok, err := lookup(v, stages, in.RestApiId, name)
	if err == nil && !ok {
		st, err = stageRecord{Name: name, CreatedDate: dep.CreatedDate}, checkStageName(name)
	}
	if err != nil {
		return err
	}
	st.LastUpdatedDate = dep.CreatedDate
	if in.CanarySettings == nil {
		st.DeploymentID = dep.ID
	} else if err := st.deployCanary(in.CanarySettings, dep.ID); err != nil {
		return err
	}
	if in.StageDescription != nil {
		st.Description = *in.StageDescription
	}
	if in.Variables != nil {
		st.Variables = in.Variables
	}
	if in.TracingEnabled != nil {
		st.TracingEnabled = *in.TracingEnabled
	}
	if in.CacheClusterEnabled != nil {
		st.setCache(*in.CacheClusterEnabled, deref(in.CacheClusterSize))
	}
	if err := checkVariables(st.Variables); err != nil {
		return err
	}
	return put(v, stages, in.RestApiId, name, st)
}

// GetDeployment returns one deployment, with the methods that it has when embed says so.
func (s *Service) GetDeployment(ctx context.Context, in *awsapigateway.GetDeploymentRequest) (*awsapigateway.Deployment, error) {
	var out *awsapigateway.Deployment
	err := s.read(ctx, func(v view) error {
		dep, err := v.deployment(in.RestApiId, in.DeploymentId)
		if err != nil {
			return err
		}
		out = dep.toWire()
		if !slices.Contains(in.Embed, "apisummary") {
			return nil
		}
		snap, err := find(v, snapshots, in.RestApiId, dep.ID, errNoSnapshot)
		out.ApiSummary = snap.summary()
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// errNoSnapshot says that a deployment's record is there without its snapshot, which are written together.
var errNoSnapshot = errors.New("deployment has no snapshot")

// summary is the snapshot's methods by path.
func (s snapshotRecord) summary() map[string]map[string]awsapigateway.MethodSnapshot {
	out := map[string]map[string]awsapigateway.MethodSnapshot{}
	for _, res := range s.Resources {
		for name, m := range res.Methods {
			if out[res.Path] == nil {
				out[res.Path] = map[string]awsapigateway.MethodSnapshot{}
			}
			out[res.Path][name] = awsapigateway.MethodSnapshot{
				AuthorizationType: &m.AuthorizationType,
				ApiKeyRequired:    &m.APIKeyRequired,
			}
		}
	}
	return out
}

// GetDeployments lists an API's deployments by id.
func (s *Service) GetDeployments(ctx context.Context, in *awsapigateway.GetDeploymentsRequest) (*awsapigateway.Deployments, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	out := &awsapigateway.Deployments{Items: []awsapigateway.Deployment{}}
	err = s.read(ctx, func(v view) error {
		if _, err := v.restApi(in.RestApiId); err != nil {
			return err
		}
		docs, more, err := deployments.List(v.tx, v.scope(), in.RestApiId, p.after, p.limit)
		if err != nil {
			return fmt.Errorf("list deployments of %s: %w", in.RestApiId, err)
		}
		for _, dep := range docs {
			out.Items = append(out.Items, *dep.toWire())
			out.Position = position(dep.ID, more)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// UpdateDeployment patches a deployment's description; its snapshot never changes.
func (s *Service) UpdateDeployment(ctx context.Context, in *awsapigateway.UpdateDeploymentRequest) (*awsapigateway.Deployment, error) {
	var dep deploymentRecord
	err := s.write(ctx, func(v view) (err error) {
		if dep, err = v.deployment(in.RestApiId, in.DeploymentId); err != nil {
			return err
		}
		patches := plainTable(replaceText("/description", func(d *deploymentRecord) *string { return &d.Description }))
		if err := patches.apply(&dep, in.PatchOperations); err != nil {
			return err
		}
		return put(v, deployments, in.RestApiId, dep.ID, dep)
	})
	if err != nil {
		return nil, err
	}
	return dep.toWire(), nil
}

// DeleteDeployment removes a deployment that no stage points at.
func (s *Service) DeleteDeployment(ctx context.Context, in *awsapigateway.DeleteDeploymentRequest) error {
	return s.write(ctx, func(v view) error {
		dep, err := v.deployment(in.RestApiId, in.DeploymentId)
		if err != nil {
			return err
		}
		list, err := all(v, stages, in.RestApiId)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(list, func(st stageRecord) bool { return st.serves(dep.ID) }) {
			return badRequest("Active stages pointing to this deployment must be moved or deleted")
		}
		if err := snapshots.Delete(v.tx, v.key(in.RestApiId, dep.ID)); err != nil {
			return fmt.Errorf("delete snapshot of deployment %s: %w", dep.ID, err)
		}
		if err := deployments.Delete(v.tx, v.key(in.RestApiId, dep.ID)); err != nil {
			return fmt.Errorf("delete deployment %s: %w", dep.ID, err)
		}
		return nil
	})
}

func (d deploymentRecord) toWire() *awsapigateway.Deployment {
	return &awsapigateway.Deployment{Id: &d.ID, Description: optional(d.Description), CreatedDate: &d.CreatedDate}
}
