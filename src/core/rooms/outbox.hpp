#pragma once

#include <deque>
#include <functional>
#include <variant>
#include <vector>

#include "core/rooms/journal.hpp"
#include "core/rooms/media_port.hpp"
#include "core/rooms/session.hpp"

namespace vis::core::rooms {

/// What a change causes outside of the rooms, held back until the change is complete: entries of
/// the journal, commands to media, notices to sessions. Delivered in the order they were added.
/// Control thread; owned by the RoomService.
class Outbox final {
 public:
  using Entry = std::move_only_function<void(RoomJournal&)>;
  using Notice = std::move_only_function<void(SessionObserver&)>;

  Outbox(MediaPort& media, RoomJournal& journal) : media_(media), journal_(journal) {}

  void record(Entry entry) { queue_.emplace_back(std::move(entry)); }
  void command(const RoomSid& room, MediaCommand command) {
    queue_.emplace_back(Command{room, std::move(command)});
  }
  void close_room(const RoomSid& room) { queue_.emplace_back(CloseRoom{room}); }
  /// Null receivers (sessions whose signalling is lost) are skipped.
  void tell(std::vector<SessionObserver*> to, Notice notice);
  void tell(SessionObserver* to, Notice notice) {
    tell(std::vector<SessionObserver*>{to}, std::move(notice));
  }
  /// The observer is about to end: drops what it has not been told yet.
  void forget(const SessionObserver* observer);

  /// A receiver that calls back into the rooms while it is being told adds to the end of the queue;
  /// the delivery under way goes on with it.
  void deliver();

 private:
  struct Command {
    RoomSid room;
    MediaCommand command;
  };
  struct CloseRoom {
    RoomSid room;
  };
  struct Telling {
    std::vector<SessionObserver*> to;
    Notice notice;
  };
  using Item = std::variant<Entry, Command, CloseRoom, Telling>;

  void deliver(Entry& entry) { entry(journal_); }
  void deliver(Command& command) { media_.execute(command.room, std::move(command.command)); }
  void deliver(CloseRoom& close) { media_.close_room(close.room); }
  void deliver(Telling& telling);

  MediaPort& media_;
  RoomJournal& journal_;
  std::deque<Item> queue_;
  bool delivering_ = false;
};

}  // namespace vis::core::rooms
