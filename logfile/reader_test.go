package logfile_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/tollbook/tollbook/logfile"
)

func gzipped(t *testing.T, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t *testing.T, content string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll([]byte(content), nil)
}

func TestDecompress(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		file []byte
		want string
	}{
		"empty":              {nil, ""},
		"one byte":           {[]byte("\x1f"), "\x1f"},
		"plain":              {[]byte("a\nb\n"), "a\nb\n"},
		"gzip":               {gzipped(t, "a\nb\n"), "a\nb\n"},
		"gzip of two pieces": {append(gzipped(t, "a\n"), gzipped(t, "b\n")...), "a\nb\n"},
		"zstd":               {zstandard(t, "a\nb\n"), "a\nb\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, err := logfile.Decompress(bytes.NewReader(tt.file))
			if err != nil {
				t.Fatal(err)
			}
			defer content.Close()
			if got, err := io.ReadAll(content); err != nil || string(got) != tt.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// A file that was cut gives the lines before the cut and then an error, never a part of a line.
func TestCutGzip(t *testing.T) {
	t.Parallel()
	whole := gzipped(t, strings.Repeat("a line that is somewhat longer\n", 1000))
	content, err := logfile.Decompress(bytes.NewReader(whole[:len(whole)-20]))
	if err != nil {
		t.Fatal(err)
	}
	r := logfile.NewReader(content, 100)
	for {
		line, err := r.Next()
		if errors.Is(err, io.EOF) {
			t.Fatal("the cut passed for the end")
		} else if err != nil {
			return
		}
		if string(line.Text) != "a line that is somewhat longer" {
			t.Fatalf("line %d is %q", line.Number, line.Text)
		}
	}
}

func sumOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func TestReader(t *testing.T) {
	t.Parallel()
	content := "one\n\ntwo\r\n" + strings.Repeat("x", 10) + "\n" + strings.Repeat("y", 11) + "\nlast\r"
	r := logfile.NewReader(strings.NewReader(content), 10)
	type seen struct {
		Number, At int64
		Text       string
		Length     int64 // of one that was too long
	}
	var got []seen
	for {
		line, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		s := seen{Number: line.Number, At: r.Position().Bytes, Text: string(line.Text)}
		if line.TooLong {
			s.Text, s.Length = "", line.Length
		} else if want := sumOf(content[:s.At]); r.Position().Sum != want {
			t.Errorf("sum before line %d is %s, want %s", s.Number, r.Position().Sum, want)
		}
		got = append(got, s)
	}
	want := []seen{{1, 0, "one", 0}, {2, 4, "", 0}, {3, 5, "two", 0}, {4, 10, "xxxxxxxxxx", 0}, {5, 21, "", 12}, {6, 33, "last", 0}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(logfile.Position{Bytes: int64(len(content)), Lines: 6, Sum: sumOf(content)}, r.Position()); diff != "" {
		t.Error(diff)
	}
}

// Reading on from a position gives what reading through gives, wherever the position and whatever the lengths of lines.
func TestReaderSkips(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 300 {
		fmt.Fprintf(&b, "%d %s\n", i, strings.Repeat("z", i*i*i%9000))
	}
	content := b.String()
	through := logfile.NewReader(strings.NewReader(content), 5000)
	for n := 0; ; n++ {
		line, err := through.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if n%37 != 0 || line.TooLong {
			continue
		}
		at := through.Position()
		again := logfile.NewReader(strings.NewReader(content), 5000)
		if got, err := again.Skip(at.Bytes); err != nil || got != at {
			t.Fatalf("skipped to %+v, %v, want %+v", got, err, at)
		}
		if got, err := again.Next(); err != nil || got.Number != line.Number || !bytes.Equal(got.Text, line.Text) {
			t.Fatalf("line %d %q, %v; want line %d %q", got.Number, got.Text, err, line.Number, line.Text)
		}
	}
	short := logfile.NewReader(strings.NewReader("a\n"), 10)
	if got, err := short.Skip(5); err != nil || got.Bytes != 2 {
		t.Errorf("skipped to %+v, %v", got, err)
	}
}

func TestReaderHead(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "short\n", strings.Repeat("long\n", 1000)} {
		r := logfile.NewReader(strings.NewReader(content), 100)
		head, err := r.Head()
		if want := content[:min(len(content), logfile.HeadBytes)]; err != nil || string(head) != want {
			t.Errorf("head of %d bytes: %q, %v", len(content), head, err)
		}
		if all, err := r.Skip(1 << 20); err != nil || all.Bytes != int64(len(content)) {
			t.Errorf("content of %d bytes is %+v, %v", len(content), all, err)
		}
	}
}
