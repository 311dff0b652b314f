# Plain C; flags of the project. One binary for Node 20, 22 and 24: Node-API version 8 and libuv's stable ABI.
{
  "target_defaults": {
    "cflags!": ["-O3", "-fno-omit-frame-pointer", "-Wno-unused-parameter"],
    "cflags": ["-O2", "-Wall", "-Wextra", "-fvisibility=hidden"],
    "defines": ["_GNU_SOURCE=", "NAPI_VERSION=8"],
  },
  "targets": [
    {"target_name": "fwctl_emu", "sources": ["addon.c", "session.c", "memory.c", "commit.c", "look.c", "client-maps.c", "copies.c", "watcher.c", "system.c", "client.c"]},
    {"target_name": "view-exec", "type": "executable", "sources": ["view-exec-main.c", "view-exec.c"]},
    {"target_name": "launcher", "type": "executable", "sources": ["launcher.c", "view-exec.c"]},
    {"target_name": "copier", "type": "executable", "sources": ["copier.c", "client-maps.c"]},
    {"target_name": "name-teller", "type": "executable", "sources": ["name-teller.c"]},
  ],
}
