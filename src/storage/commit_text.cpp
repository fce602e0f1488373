#include "storage/commit_text.hpp"

#include <string>
#include <variant>

#include "base/encoding.hpp"

namespace vis::storage {
namespace {

class TextCheck final {
 public:
  void operator()(const core::InsertProject& write) {
    look_at(write.project.id.str(), write.project.name);
  }
  void operator()(const core::InsertApiKey& write) {
    const auto& key = write.key;
    look_at(key.id.str(), key.project.str(), key.name, key.secret.reveal());
  }
  void operator()(const core::RevokeApiKey& write) { look_at(write.key.str()); }
  void operator()(const core::TouchApiKey& write) { look_at(write.key.str()); }
  void operator()(const core::InsertRoom& write) {
    const auto& room = write.room;
    look_at(room.sid.str(), room.project.str(), room.node.str(), room.name, room.snapshot,
            room.finish_reason);
  }
  void operator()(const core::UpdateRoom& write) { look_at(write.room.str(), write.snapshot); }
  void operator()(const core::FinishRoom& write) { look_at(write.room.str(), write.reason); }
  void operator()(const core::InsertParticipant& write) {
    const auto& participant = write.participant;
    look_at(participant.sid.str(), participant.room.str(), participant.identity, participant.name,
            participant.snapshot, participant.leave_reason);
  }
  void operator()(const core::UpdateParticipant& write) {
    look_at(write.participant.str(), write.name, write.snapshot);
  }
  void operator()(const core::EndParticipant& write) {
    look_at(write.participant.str(), write.reason);
  }
  void operator()(const core::InsertTrack& write) {
    const auto& track = write.track;
    look_at(track.sid.str(), track.room.str(), track.participant.str(), track.snapshot);
  }
  void operator()(const core::EndTrack& write) { look_at(write.track.str()); }
  void operator()(const core::SetCursor& write) { look_at(write.reader); }
  void operator()(const core::events::NewEvent& event) {
    look_at(event.project.str(), event.type, event.resource, event.data);
  }

  bool valid() const { return valid_; }
  std::size_t bytes() const { return bytes_; }

 private:
  template <typename... Texts>
  void look_at(const Texts&... texts) {
    ((valid_ = valid_ && is_valid_text(texts), bytes_ += texts.size()), ...);
  }

  bool valid_ = true;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<std::size_t> check_text(const core::Commit& commit) {
  TextCheck check;
  for (const core::Write& write : commit.writes) std::visit(check, write);
  for (const core::events::NewEvent& event : commit.events) check(event);
  if (!check.valid()) return fail(Errc::InvalidArgument, "a text is not valid UTF-8");
  return check.bytes();
}

}  // namespace vis::storage
