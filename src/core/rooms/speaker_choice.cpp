#include "core/rooms/speaker_choice.hpp"

#include <algorithm>

namespace vis::core::rooms {
namespace {

using Candidate = SpeakerChoice::Candidate;

/// The loudest who speaks; the earlier of two alike.
const Candidate* loudest(std::span<const Candidate> candidates) {
  const Candidate* best = nullptr;
  for (const Candidate& each : candidates) {
    if (each.speaking && (best == nullptr || each.level > best->level)) best = &each;
  }
  return best;
}

const Candidate& first_choice(std::span<const Candidate> candidates) {
  if (const Candidate* speaker = loudest(candidates)) return *speaker;
  const auto seen = std::ranges::find_if(candidates, &Candidate::has_video);
  return seen == candidates.end() ? candidates.front() : *seen;
}

}  // namespace

const ParticipantSid& SpeakerChoice::choose(TimePoint now, std::span<const Candidate> candidates) {
  const auto current = std::ranges::find(candidates, current_, &Candidate::participant);
  if (current == candidates.end()) {
    switch_to(now, candidates.empty() ? ParticipantSid{} : first_choice(candidates).participant);
    return current_;
  }
  const Candidate* const speaker = loudest(candidates);
  const bool challenged = speaker != nullptr && speaker->participant != current_ &&
                          (!current->speaking || speaker->level > current->level);
  if (!challenged) {
    challenger_ = {};
    return current_;
  }
  if (speaker->participant != challenger_) {
    challenger_ = speaker->participant;
    challenging_since_ = now;
  }
  if (now - since_ >= kStay && now - challenging_since_ >= kHold) {
    switch_to(now, speaker->participant);
  }
  return current_;
}

void SpeakerChoice::switch_to(TimePoint now, const ParticipantSid& participant) {
  current_ = participant;
  since_ = now;
  challenger_ = {};
}

}  // namespace vis::core::rooms
