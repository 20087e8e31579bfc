// etcd as it is; its own module of this program replaces others by folders, which Go installs for nobody.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
