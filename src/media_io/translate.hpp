#pragma once

#include <optional>
#include <unordered_map>

#include "base/time.hpp"
#include "core/rooms/media_port.hpp"
#include "media/sfu/engine.hpp"
#include "media_io/commands.hpp"

namespace vis::media_io {

/// Speaks core's words to one engine and the engine's words to core. Lives on the worker's thread.
class Translator final {
 public:
  explicit Translator(media::sfu::Engine& engine) : engine_(engine) {}

  void open_room(TimePoint now, const core::rooms::RoomSid& room);
  void close_room(TimePoint now, const core::rooms::RoomSid& room);
  void spread_room(const core::rooms::RoomSid& room, unsigned worker);
  void execute(TimePoint now, const core::rooms::RoomSid& room,
               const core::rooms::MediaCommand& command);

  /// Nothing for events of transports that have been closed meanwhile.
  std::optional<RoomEvent> translate(media::sfu::Event event) const;
  std::optional<core::rooms::RoomSid> room_of(media::sfu::TransportId transport) const;

 private:
  media::sfu::Engine& engine_;
  std::unordered_map<core::rooms::TransportId, core::rooms::RoomSid> room_of_transport_;
};

}  // namespace vis::media_io
