#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace vis::media::sfu {

/// Sums up the RFC 6464 levels of one audio track between two reports. Fed per packet, so it only
/// counts; who is a speaker is decided elsewhere.
class AudioLevelMeter final {
 public:
  /// Packets at least this loud count as speech (dBov below full scale: smaller is louder).
  static constexpr std::uint8_t kActiveDbov = 35;

  struct Report {
    std::uint8_t dbov = 127;
    std::uint8_t active_percent = 0;
  };

  void on_level(std::uint8_t dbov) {
    ++packets_;
    if (dbov > kActiveDbov) return;
    ++active_packets_;
    loudest_ = std::min(loudest_, dbov);
  }

  /// What was heard since the last call, against the number of packets a full interval would have
  /// (silence suppression sends fewer). Nothing when the track was and stays silent.
  std::optional<Report> take_report(std::uint32_t expected_packets) {
    const std::uint32_t whole = std::max({packets_, expected_packets, 1U});
    const Report report{.dbov = loudest_,
                        .active_percent = static_cast<std::uint8_t>(active_packets_ * 100 / whole)};
    const bool was_reported = reported_;
    reported_ = active_packets_ > 0;
    packets_ = active_packets_ = 0;
    loudest_ = 127;
    if (!reported_ && !was_reported) return std::nullopt;
    return report;
  }

 private:
  std::uint32_t packets_ = 0;
  std::uint32_t active_packets_ = 0;
  std::uint8_t loudest_ = 127;
  bool reported_ = false;
};

}  // namespace vis::media::sfu
