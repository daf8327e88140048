package sample

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"github.com/google/go-containerregistry/pkg/registry"
)

// Registry is a registry on the loopback interface that holds the sample.
type Registry struct {
	Reference string   // of the sample in it
	Planted   []string // the secrets in the sample

	server *http.Server
}

const repository = "demo/shop"

// Serve makes a new sample and serves it until Close.
func Serve(ctx context.Context) (*Registry, error) {
	s := newSecrets()
	built := image(s)
	handler := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &Registry{
		Reference: listener.Addr().String() + "/" + repository + ":1.4.0",
		Planted:   s.values(),
		server:    &http.Server{Handler: handler},
	}
	go func() {
		if err := r.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			listener.Close()
		}
	}()
	base := "http://" + listener.Addr().String() + "/v2/" + repository
	for digest, blob := range built.Blobs {
		if err := upload(ctx, http.MethodPost, base+"/blobs/uploads/?digest="+digest, "application/octet-stream", blob); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	if err := upload(ctx, http.MethodPut, base+"/manifests/1.4.0", string(built.Desc.MediaType), built.Manifest); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close stops the registry.
func (r *Registry) Close() error { return r.server.Close() }

func upload(ctx context.Context, method, url, mediaType string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", mediaType)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1024))
		return fmt.Errorf("%s %s: %s: %s", method, url, resp.Status, text)
	}
	return nil
}
