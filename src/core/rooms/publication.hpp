#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/rooms/measurements.hpp"
#include "core/rooms/model.hpp"
#include "core/rooms/quality_demand.hpp"
#include "core/rooms/session.hpp"
#include "core/rooms/speech_detector.hpp"

namespace vis::core::rooms {

struct Participant;

/// A track that a participant has announced. Pending until its media section is negotiated, then
/// bound: only from there on others know of it.
struct Publication {
  Participant& publisher;
  TrackInfo info;
  std::string cid;  ///< Of the request; the client's own name for the track.
  bool bound = false;
  bool subscriber_told = false;  ///< The publisher knows that somebody receives it.
  QualityDemand demand;          ///< Of the first codec, ...
  QualityCounts wanted;
  /// ... and of the other, which is sent once somebody who lacks the first has come.
  QualityDemand backup_demand{VideoQuality::Off};
  QualityCounts backup_wanted;
  SpeechDetector speech;
  TrackMeasurements measurements;
};

/// The tracks of one participant, in the order of their announcement, and the requests that wait
/// for a media track which is still in use.
class Publications final {
 public:
  std::span<const std::unique_ptr<Publication>> all() const { return tracks_; }
  std::size_t size() const { return tracks_.size(); }
  std::size_t pending() const;
  bool any_bound() const;

  Publication* find(const TrackSid& track) const;
  /// The one that is published from this media track, in whichever codec.
  Publication* find_cid(std::string_view cid) const;

  Publication& add(Publication publication);
  std::unique_ptr<Publication> take(const TrackSid& track);

  std::size_t queued(std::string_view cid) const;
  void enqueue(TrackRequest request) { queue_.push_back(std::move(request)); }
  std::optional<TrackRequest> next_queued(std::string_view cid);
  /// Drops the queued requests that no longer satisfy the rights.
  void drop_queued(const Permissions& permissions);

 private:
  std::vector<std::unique_ptr<Publication>> tracks_;
  std::vector<TrackRequest> queue_;
};

}  // namespace vis::core::rooms
