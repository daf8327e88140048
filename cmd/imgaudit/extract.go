package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

func (p *program) extractCommand() *cobra.Command {
	s := &settings{}
	layer, file := -1, ""
	cmd := &cobra.Command{
		Use:   "extract TARGET --layer N PATH",
		Short: "Write one file out of one layer, deleted or not",
		Long: `Extract writes the content of one file of one layer to standard output or to a file, as
the layer has it: also if a higher layer deletes or overwrites it. It is the one verb
whose output is not redacted. Layers count from 0, the base.

With --all-platforms or an archive of several images, the first image that is chosen
is taken. A compressed archive or standard input cannot be extracted from: it can be
read only once.
`,
		Example: `  imgaudit extract app.tar --layer 3 root/.ssh/id_rsa --output id_rsa
  imgaudit extract alpine:3.22 --layer 0 etc/os-release`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("for example: imgaudit extract app.tar --layer 3 etc/passwd", "%s needs a target and a path", cmd.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.settle(cmd, s, args[0]); err != nil {
				return err
			}
			if layer < 0 {
				return usagef("imgaudit layers "+args[0]+" lists them", "say which layer with --layer N, counted from 0")
			}
			return s.reword(p.extract(cmd, s, args[0], layer, args[1], file))
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().IntVar(&layer, "layer", -1, "`N` of the layer, counted from 0, the base")
	cmd.Flags().StringVar(&file, "output", "", "write to `FILE` (readable by you alone) instead of standard output")
	s.sourceFlags(cmd.Flags())
	s.commonFlags(cmd.Flags())
	completeFlags(cmd)
	return cmd
}

func (p *program) extract(cmd *cobra.Command, s *settings, target string, layer int, path, file string) error {
	ctx := cmd.Context()
	if readsStdin(target) {
		return usagef("save the image to a file and extract from there", "standard input can be read only once")
	}
	ctx, cancel := withTimeout(ctx, s.timeout)
	defer cancel()
	source, err := layers.Open(ctx, target, s.auditOptions(nil).Open)
	if err != nil {
		return err
	}
	defer source.Close()
	if _, ok := source.(layers.Stream); ok {
		return usagef("unpack it first, as with gunzip or zstd -d", "%s can be read only once, because it is compressed as a whole or a pipe", target)
	}
	images, err := source.Images(ctx)
	if err != nil {
		return err
	}
	if len(images) == 0 {
		return fmt.Errorf("%s holds no image", target)
	}
	write := func(w io.Writer) error {
		_, err := layers.Extract(ctx, source, images[0], layer, path, w)
		return err
	}
	if file == "" {
		out := p.stdout
		if isTerminal(out) {
			out = &textOnly{to: out}
		}
		err = write(out)
	} else {
		err = writeFile(file, true, func(w io.Writer) error {
			err = write(w)
			if errors.Is(err, layers.ErrUnverified) {
				return nil // the file is kept, the status tells
			}
			return err
		})
	}
	if errors.Is(err, layers.ErrUnverified) {
		return &statusError{exitIncomplete, err.Error()}
	}
	return err
}

// textOnly keeps a terminal from what would garble or control it.
type textOnly struct {
	to io.Writer
}

func (t *textOnly) Write(b []byte) (int, error) {
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
			return 0, errors.New("the file is binary or holds control characters: write it to a file with --output FILE, or into a pipe")
		}
	}
	return t.to.Write(b)
}
