#pragma once

#include <cstdint>

#include "core/rooms/model.hpp"

namespace vis::core::rooms {

/// How well media gets through, on a scale of 0 to 100 in the manner of a mean opinion score.
///
/// Each sample is rated with the E-model's impairments by delay and by loss (ITU-T G.107, with the
/// delay term as simplified by Cole and Rosenbluth), and by want of bandwidth. The score follows a
/// worse sample quickly and a better one slowly. LOST is kept for a connection that is down:
/// clients start over when they see it for some seconds, so packet loss alone, however bad, is
/// POOR. Pure; owned by the participant.
class ConnectionScore final {
 public:
  struct Sample {
    bool connected = true;   ///< The transports are up.
    bool receiving = false;  ///< RTP of this participant arrives, whatever the transports say.
    double loss = 0;         ///< 0..1, of the worse direction.
    std::uint32_t round_trip_ms = 0;
    std::uint32_t jitter_ms = 0;
    double shortage = 0;  ///< 0..1, of the bandwidth for what the participant is to be sent.
  };
  void add(const Sample& sample);

  float score() const { return score_; }
  ConnectionQuality quality() const;

 private:
  float score_ = 100;
};

/// What one sample is worth by itself, 0..100.
float rate(const ConnectionScore::Sample& sample);

}  // namespace vis::core::rooms
