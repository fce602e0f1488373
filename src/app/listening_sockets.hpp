#pragma once

#include <vector>

#include "base/socket_address.hpp"
#include "http/server.hpp"
#include "media_io/file_descriptor.hpp"

namespace vis::app {

/// Sockets that listen already: those of the server that we take over from, or those that systemd
/// opened for us (sd_listen_fds).
using ListeningSockets = std::vector<media_io::FileDescriptor>;

/// What systemd has passed to this process: LISTEN_FDS and LISTEN_PID.
ListeningSockets sockets_of_service_manager();

/// Gives each listener the socket that listens on its address, if there is one; a listener with
/// port 0 takes any of its IP address. Whatever nobody wants is closed.
void hand_out(ListeningSockets sockets, std::vector<http::Listener>& listeners);

}  // namespace vis::app
