//go:build tools

// Package runtime pins the container runtime of the test node. Debian's own containerd (1.6) has a default seccomp profile that
// lets AF_VSOCK and io_uring through; Weir's self-test refuses to serve beside it, as it would on any such node.
package runtime

import (
	_ "github.com/containerd/containerd/v2/cmd/containerd"
	_ "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2"
	_ "github.com/containerd/containerd/v2/cmd/ctr"
)
