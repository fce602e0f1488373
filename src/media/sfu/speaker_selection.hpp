#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"

namespace vis::media::sfu {

/// Which microphones of a room are sent on: the few that are spoken into. The others cost the room
/// their decryption and nothing else, so five hundred people with three speakers are as cheap as
/// three.
///
/// Judged by the level that clients put into each packet (RFC 6464), so it works on encrypted
/// speech too. A room with no more microphones than may speak at once is left alone: everybody is
/// sent on, silence included. In a larger one a microphone begins to be sent with the first packet
/// that holds a voice, keeps its place through the pauses of its speaker, and loses it to a
/// louder one when all places are taken. Microphones without levels are always sent on, as many as
/// limits::kUnlevelledMicrophones; more are not heard.
///
/// Owned by the Room, on the engine's thread. No call allocates but `join`.
class SpeakerSelection final {
 public:
  /// Packets at least this loud hold a voice (dBov below full scale: smaller is louder).
  static constexpr std::uint8_t kVoiceDbov = 50;
  /// A pause of a speaker that is not the end of the speech.
  static constexpr Duration kHold = 1s;
  /// After a shorter pause the place may be taken by somebody else, if there is no other.
  static constexpr Duration kPause = 300ms;
  /// Somebody who speaks without a pause is interrupted by one who is so much louder, for so long.
  static constexpr int kLouderDb = 6;
  static constexpr Duration kInsist = 400ms;

  /// What is known of one microphone. Owned by its Receiver, which joins and leaves with it.
  class Microphone final {
   public:
    bool is_sent_on() const { return sent_on_; }

   private:
    friend class SpeakerSelection;
    bool sent_on_ = true;
    bool has_levels_ = false;
    bool without_levels_ = false;  ///< Takes one of the places of those.
    bool has_place_ = false;
    int loudness_ = 0;  ///< Smoothed; 127 is full scale.
    TimePoint last_voice_;
    std::optional<TimePoint> insists_since_;
  };

  /// 0: as many as there are.
  explicit SpeakerSelection(std::size_t most);

  void join(Microphone& microphone);
  void leave(Microphone& microphone);
  /// Whether the packet that has just arrived, with its level if it tells one, is sent on.
  bool admit(TimePoint now, Microphone& microphone, std::optional<std::uint8_t> dbov);

 private:
  bool admit_without_level(Microphone& microphone);
  bool take_place(TimePoint now, Microphone& microphone);
  void give_up(Microphone& microphone);
  Microphone* weakest(TimePoint now) const;

  std::size_t most_;
  std::size_t joined_ = 0;
  std::size_t without_levels_ = 0;
  std::vector<Microphone*> places_;  ///< Those who have one.
};

}  // namespace vis::media::sfu
