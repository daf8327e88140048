package layers

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// referrers asks the registry what refers to a manifest. A mirror that answers is
// believed, also if it knows of nothing.
func (s *registrySource) referrers(ctx context.Context, digest string) ([]v1.Descriptor, error) {
	var found referring
	err := s.each(ctx, func(ep *endpoint) (err error) {
		found, err = ep.referrers(ctx, digest, s.limit)
		return err
	})
	if err == nil && found.cut {
		err = errors.New("the registry gives it in pages, of which the first alone was read")
	}
	return found.manifests, err
}

// referring is the list of what refers to a manifest.
type referring struct {
	manifests []v1.Descriptor
	api       bool // the registry keeps it itself
	cut       bool // there is more of it
}

// referrers asks for the list of the OCI distribution specification 1.1, or, where the
// registry does not know that, for the index under the tag that stands in for it.
func (ep *endpoint) referrers(ctx context.Context, digest string, limit int64) (referring, error) {
	var found referring
	r := request{
		op: "listing what refers to " + digest + " of " + display(ep.repo), path: "referrers/" + digest,
		header: http.Header{"Accept": {string(types.OCIImageIndex)}},
	}
	err := ep.do(ctx, r, func(resp *http.Response) error {
		if !isList(resp) {
			return errNoList
		}
		raw, err := readDocument(resp.Body, limit)
		if err != nil {
			return err
		}
		found.cut = strings.Contains(resp.Header.Get("Link"), "next")
		found.manifests, err = listOf(raw)
		found.api = err == nil
		return err
	})
	var no *RegistryError
	switch {
	case err == nil:
		return found, nil
	case errors.Is(err, errNoList), errors.As(err, &no) && no.Status >= 400 && no.Status < 500 && no.Status != http.StatusTooManyRequests:
	default:
		return referring{}, err
	}
	_, raw, err := ep.manifest(ctx, fallbackTag(digest), v1.Hash{}, limit)
	if errors.Is(err, fs.ErrNotExist) {
		return referring{}, nil
	}
	if err != nil {
		return referring{}, err
	}
	found = referring{}
	found.manifests, err = listOf(raw)
	return found, err
}

func listOf(raw []byte) ([]v1.Descriptor, error) {
	var index indexDoc
	if err := json.Unmarshal(raw, &index); err != nil {
		return nil, &mismatch{ReasonCorrupt, "parsing the list of what refers to an image: " + finding.EscapeText(err.Error())}
	}
	return index.Manifests, nil
}

// errNoList says that a registry does not know of lists of referrers.
var errNoList = refusal("it answers, but not with a list")

// isList reports whether an answer is a list of referrers, by its type: there are
// registries that answer every question with a page.
func isList(resp *http.Response) bool {
	mediaType, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return strings.TrimSpace(mediaType) == string(types.OCIImageIndex)
}
