#include "media/sfu/speaker_selection.hpp"

#include <algorithm>
#include <utility>

#include "base/limits/media_sfu.hpp"

namespace vis::media::sfu {
namespace {

/// How fast the smoothed level follows: a voice within three packets, its end within a second.
constexpr int kAttack = 2;
constexpr int kDecay = 16;
constexpr int kSilence = 127;

int smoothed(int before, int loudness) {
  const int change = loudness - before;
  const int step = change / (change > 0 ? kAttack : kDecay);
  // Integer division would stop short of the last few levels.
  return step != 0 ? before + step : loudness;
}

}  // namespace

SpeakerSelection::SpeakerSelection(std::size_t most) : most_(most) { places_.reserve(most); }

void SpeakerSelection::join(Microphone&) { ++joined_; }

void SpeakerSelection::leave(Microphone& microphone) {
  --joined_;
  if (microphone.without_levels_) --without_levels_;
  give_up(microphone);
}

bool SpeakerSelection::admit(TimePoint now, Microphone& microphone,
                             std::optional<std::uint8_t> dbov) {
  if (dbov) {
    microphone.has_levels_ = true;
    microphone.loudness_ = smoothed(microphone.loudness_, kSilence - *dbov);
    if (*dbov <= kVoiceDbov) microphone.last_voice_ = now;
  }
  if (most_ == 0 || joined_ <= most_) {
    microphone.sent_on_ = true;
  } else if (!microphone.has_levels_) {
    microphone.sent_on_ = admit_without_level(microphone);
  } else if (microphone.has_place_) {
    if (now - microphone.last_voice_ >= kHold) give_up(microphone);
    microphone.sent_on_ = microphone.has_place_;
  } else {
    microphone.sent_on_ = microphone.last_voice_ == now && take_place(now, microphone);
  }
  return microphone.sent_on_;
}

bool SpeakerSelection::admit_without_level(Microphone& microphone) {
  if (!microphone.without_levels_ && without_levels_ < limits::kUnlevelledMicrophones) {
    microphone.without_levels_ = true;
    ++without_levels_;
  }
  return microphone.without_levels_;
}

bool SpeakerSelection::take_place(TimePoint now, Microphone& microphone) {
  if (places_.size() == most_) {
    Microphone& other = *weakest(now);
    const bool paused = now - other.last_voice_ >= kPause;
    const bool louder = microphone.loudness_ >= other.loudness_ + kLouderDb;
    if (!louder) microphone.insists_since_.reset();
    if (louder && !microphone.insists_since_) microphone.insists_since_ = now;
    if (!paused && !(louder && now - *microphone.insists_since_ >= kInsist)) return false;
    give_up(other);
  }
  microphone.insists_since_.reset();
  microphone.has_place_ = true;
  places_.push_back(&microphone);
  return true;
}

void SpeakerSelection::give_up(Microphone& microphone) {
  if (!microphone.has_place_) return;
  microphone.has_place_ = false;
  microphone.sent_on_ = false;
  std::erase(places_, &microphone);
}

/// The quietest of those who pause, else of all.
SpeakerSelection::Microphone* SpeakerSelection::weakest(TimePoint now) const {
  return *std::ranges::min_element(places_, {}, [now](const Microphone* microphone) {
    return std::pair(now - microphone->last_voice_ < kPause, microphone->loudness_);
  });
}

}  // namespace vis::media::sfu
