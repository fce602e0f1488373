#pragma once

#include <string_view>

namespace vis::app {

/// Tells systemd how the service is (sd_notify(3)): `READY=1`, `STOPPING=1`, `RELOADING=1`. Nothing
/// happens where nobody asked to be told, which is where NOTIFY_SOCKET is not set.
void notify_service_manager(std::string_view state);

}  // namespace vis::app
