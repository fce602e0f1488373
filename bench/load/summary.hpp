#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "load/trial.hpp"

namespace vis::bench {

/// What each server reached under each shape of load, beside what ours must reach.
class Summary final {
 public:
  explicit Summary(std::vector<std::string> servers) : servers_(std::move(servers)) {}

  void add(const std::string& server, Shape shape, const Trial::Outcome& outcome) {
    outcomes_[shape][server] = outcome;
  }
  void print() const;

 private:
  const Trial::Outcome* find(Shape shape, const std::string& server) const;
  void print_ratio(Shape shape, const char* words) const;

  std::vector<std::string> servers_;  ///< In the order of the columns.
  std::map<Shape, std::map<std::string, Trial::Outcome>> outcomes_;
};

}  // namespace vis::bench
