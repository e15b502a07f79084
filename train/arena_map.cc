#include "train/arena_map.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "train/table.h"

namespace rc {
namespace {

double mebibytes(size_t bytes) { return double(bytes) / double(1 << 20); }

const char* shade(BufferKind kind) {
  switch (kind) {
    case BufferKind::activation:
      return "█";
    case BufferKind::gradient:
      return "▓";
    case BufferKind::workspace:
      return "▒";
    case BufferKind::input:
      return "░";
  }
  return "?";
}

// The parts of [from, to) that fall into cells of equal width: calls use(cell, width of the part in cells).
template <class Use>
void each_cell(double from, double to, int cells, const Use& use) {
  for (int c = std::max(0, int(from)); c < std::min(cells, int(std::ceil(to))); ++c)
    use(c, std::min(to, c + 1.0) - std::max(from, double(c)));
}

std::string repeat(const char* piece, int times) {
  std::string out;
  while (times-- > 0) out += piece;
  return out;
}

std::string phase_line(const StepPlan& plan, int columns) {
  const StepPlan::Turns turns = plan.turns();
  const int ops = int(plan.ops.size());
  const auto column = [&](int op) { return int(std::lround(double(op) / ops * columns)); };
  std::string out;
  const auto stretch = [&](const std::string& name, int from, int to) {
    const int width = column(to) - column(from), rest = width - int(name.size()) - 2;
    if (width <= 0) return;
    out += rest < 2 ? "└" + repeat("─", width - 1)
                    : "└" + repeat("─", rest / 2 - 1) + " " + name + " " + repeat("─", rest - rest / 2);
  };
  stretch("forward", 0, turns.backward);
  stretch("backward", turns.backward, turns.update);
  stretch("update", turns.update, ops);
  return out;
}

}  // namespace

std::string arena_map(const StepPlan& plan, int columns, int rows) {
  using Cell = std::array<double, kBufferKinds>;  // the share of the cell that each kind takes
  std::vector<Cell> cells(size_t(columns * rows));
  const double per_op = double(columns) / std::max(1.0, double(plan.ops.size()));
  const double per_byte = double(rows) / std::max(1.0, double(plan.memory.arena));
  for (const PlannedBuffer& b : plan.buffers)
    each_cell(b.first * per_op, (b.last + 1) * per_op, columns, [&](int column, double width) {
      each_cell(double(b.offset) * per_byte, double(b.offset + b.bytes) * per_byte, rows,
                [&](int row, double height) {
                  cells[size_t(row * columns + column)][size_t(b.kind)] += width * height;
                });
    });

  std::string out;
  const std::string top = fixed(mebibytes(plan.memory.arena), 0) + " MiB";
  const auto label = [&](const std::string& text) {
    return std::string(top.size() - text.size(), ' ') + text + " ";
  };
  for (int row = rows - 1; row >= 0; --row) {
    std::string line = label(row == rows - 1 ? top : row == 0 ? "0" : "") + "│";
    for (int column = 0; column < columns; ++column) {
      const Cell& cell = cells[size_t(row * columns + column)];
      double taken = 0;
      for (const double share : cell) taken += share;
      const auto kind = BufferKind(std::ranges::max_element(cell) - cell.begin());
      line += taken < 0.5 ? " " : shade(kind);
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  out += label("") + phase_line(plan, columns) + "\n" + label("");
  for (int kind = 0; kind < kBufferKinds; ++kind)
    out += " " + std::string(shade(BufferKind(kind))) + " " + name_of(BufferKind(kind)) + " ";
  return out.substr(0, out.find_last_not_of(' ') + 1) + "\n";
}

}  // namespace rc
