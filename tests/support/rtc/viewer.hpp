#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "support/rtc/client_peer.hpp"

namespace vis::test {

/// What a person in front of a peer sees of one video: shows each frame as soon as it is whole and
/// follows on the one shown before, or is a key frame. Asks for a key frame when it is stuck, as
/// browsers do. VP8 as ClientPeer makes it.
class Viewer final {
 public:
  /// Stuck for so long, it asks for a key frame, and again after as long.
  static constexpr Duration kPatience = 300ms;

  /// Takes the peer's `on_arrival`; the first video source heard is what it watches.
  explicit Viewer(ClientPeer& peer);
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  /// To be called now and then.
  void step(TimePoint now);

  /// When frames were shown.
  const std::vector<TimePoint>& shown() const { return shown_; }
  /// The longest time without a new frame between these moments, and how many were over `limit`.
  Duration longest_gap(TimePoint from, TimePoint to) const;
  std::size_t freezes(TimePoint from, TimePoint to, Duration limit) const;
  std::uint64_t media_bytes() const { return media_bytes_; }

 private:
  struct Piece {
    bool starts = false;
    bool key = false;
    bool ends = false;
  };
  template <typename Visit>
  void for_each_gap(TimePoint from, TimePoint to, Visit visit) const;
  void take(const PeerPacket& packet);
  /// The number after its last piece, if all are there.
  std::optional<std::int64_t> end_of_frame(std::int64_t first) const;
  void show(TimePoint now);

  ClientPeer& peer_;
  std::optional<std::uint32_t> ssrc_;
  std::map<std::int64_t, Piece> pieces_;
  std::optional<std::int64_t> next_;
  std::vector<TimePoint> shown_;
  std::optional<TimePoint> asked_at_;
  std::uint64_t media_bytes_ = 0;
};

}  // namespace vis::test
