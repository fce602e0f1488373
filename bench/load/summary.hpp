#pragma once

#include <map>
#include <string>

#include "load/trial.hpp"

namespace vis::bench {

/// What each server reached under each shape of load, beside what ours must reach.
class Summary final {
 public:
  void add(const std::string& server, Shape shape, const Trial::Outcome& outcome) {
    outcomes_[shape][server] = outcome;
  }
  /// Nothing when there is nothing of ours to compare.
  void print() const;

 private:
  std::map<Shape, std::map<std::string, Trial::Outcome>> outcomes_;
};

}  // namespace vis::bench
