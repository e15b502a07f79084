#include "train/arena_svg.h"

#include <algorithm>

#include "train/html.h"
#include "train/svg.h"
#include "train/table.h"

namespace rc {
namespace {

constexpr double kWidth = 1120, kHeight = 560, kLeft = 72, kRight = 24, kTop = 76, kBottom = 64;  // pixels

constexpr const char* kStyle = R"css(<style>
text { font:12px system-ui,"Segoe UI","DejaVu Sans",sans-serif; fill:#5d6878; } .title text { font-size:15px; font-weight:600; fill:#1c2430; }
.paper { fill:#ffffff; } .grid { stroke:#e4e8ee; } .axis { stroke:#5d6878; } .peak { stroke:#1c2430; stroke-dasharray:5 4; }
.buffer { stroke:#ffffff; stroke-width:.4; } .buffer:hover { stroke:#1c2430; stroke-width:1.5; }
.activation { fill:#2867c8; } .gradient { fill:#d9592b; } .workspace { fill:#1b8f6a; } .input { fill:#8a4fbf; }
@media (prefers-color-scheme: dark) {
text { fill:#98a3b3; } .title text { fill:#e6eaf0; } .paper { fill:#181d25; } .grid { stroke:#2c3440; } .axis { stroke:#98a3b3; } .peak { stroke:#e6eaf0; }
.buffer { stroke:#181d25; } .buffer:hover { stroke:#e6eaf0; }
.activation { fill:#6aa2f7; } .gradient { fill:#ff8a5c; } .workspace { fill:#4cc79c; } .input { fill:#bb8cf0; }
}
</style>
)css";

double mebibytes(size_t bytes) { return double(bytes) / double(1 << 20); }
std::string size_text(size_t bytes) {
  const double mib = mebibytes(bytes);
  return mib >= 0.1 ? fixed(mib, 1) + " MiB" : fixed(double(bytes) / 1024, 1) + " KiB";
}

class Picture {
 public:
  explicit Picture(const StepPlan& plan)
      : plan_(plan), address_{"MiB", 0, std::max(mebibytes(plan.memory.arena), 1e-6)} {}

  std::string text(const std::string& title) const {
    std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + fixed(kWidth, 0) + " " +
                      fixed(kHeight, 0) + "\" width=\"" + fixed(kWidth, 0) + "\" height=\"" +
                      fixed(kHeight, 0) + "\" role=\"img\">\n" + kStyle +
                      "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n";
    out += "<g class=\"title\">" + svg_text(kLeft, 26, "start", title) + "</g>\n" + legend() + scale();
    for (const PlannedBuffer& b : plan_.buffers) out += rectangle(b);
    return out + peak() + phases() + "</svg>\n";
  }

 private:
  double x(double op) const {
    return kLeft + op / std::max(1.0, double(plan_.ops.size())) * (kWidth - kLeft - kRight);
  }
  double y(double mib) const { return kHeight - kBottom - mib / address_.high * (kHeight - kTop - kBottom); }

  std::string scale() const {
    std::string out;
    for (const double v : axis_ticks(address_, 6))
      out += svg_line(kLeft, y(v), kWidth - kRight, y(v), "grid") +
             svg_text(kLeft - 8, y(v) + 4, "end", tick_text(v, address_));
    return out + svg_text(kLeft - 8, kTop - 10, "end", "MiB") + "\n";
  }

  std::string legend() const {
    std::string out;
    double at = kLeft;
    for (int kind = 0; kind < kBufferKinds; ++kind) {
      const std::string name = name_of(BufferKind(kind));
      out += "<rect class=\"" + name + "\" x=\"" + svg_number(at) +
             "\" y=\"40\" width=\"12\" height=\"12\"/>" + svg_text(at + 18, 50, "start", name);
      at += 110;
    }
    return out + "\n";
  }

  std::string rectangle(const PlannedBuffer& b) const {
    const double left = x(b.first), right = x(b.last + 1), low = y(mebibytes(b.offset)),
                 high = y(mebibytes(b.offset + b.bytes));
    const std::string kind = name_of(b.kind);
    return "<rect class=\"buffer " + kind + "\" x=\"" + fixed(left, 2) + "\" y=\"" + fixed(high, 2) +
           "\" width=\"" + fixed(right - left, 2) + "\" height=\"" + fixed(low - high, 2) + "\"><title>" +
           html_escape(kind + " of " + b.name + ": " + size_text(b.bytes) + " at " + size_text(b.offset) +
                       ", ops " + std::to_string(b.first) + " to " + std::to_string(b.last)) +
           "</title></rect>\n";
  }

  // The highest address, and the op with the most bytes alive.
  std::string peak() const {
    if (plan_.ops.empty()) return {};
    const size_t op = plan_.peak_op();
    const PlannedOp& at = plan_.ops[op];
    const double middle = x(double(op) + 0.5);
    return svg_line(kLeft, y(address_.high), kWidth - kRight, y(address_.high), "peak") +
           svg_text(kWidth - kRight, y(address_.high) - 8, "end", "peak " + size_text(plan_.memory.arena)) +
           svg_line(middle, y(0), middle, y(address_.high), "peak") +
           svg_text(std::clamp(middle, kLeft + 200, kWidth - kRight - 320), y(address_.high) - 8, "middle",
                    "most alive: " + size_text(at.alive) + " while " +
                        (at.scope.empty() ? "" : at.scope + " ") + at.name + " runs") +
           "\n";
  }

  std::string phases() const {
    const StepPlan::Turns turns = plan_.turns();
    const int ops = int(plan_.ops.size());
    const double floor = kHeight - kBottom;
    std::string out = svg_line(kLeft, floor, kWidth - kRight, floor, "axis");
    const auto stretch = [&](const std::string& name, int from, int to) {
      if (from >= to) return;
      out += svg_line(x(from), floor, x(from), floor + 10, "axis");
      if (x(to) - x(from) > 50) out += svg_text((x(from) + x(to)) / 2, floor + 20, "middle", name);
    };
    stretch("forward", 0, turns.backward);
    stretch("backward", turns.backward, turns.update);
    stretch("update", turns.update, ops);
    return out + svg_text((kLeft + kWidth - kRight) / 2, kHeight - 14, "middle",
                          std::to_string(ops) + " ops in their order");
  }

  const StepPlan& plan_;
  Axis address_;
};

}  // namespace

std::string arena_svg(const StepPlan& plan, const std::string& title) { return Picture(plan).text(title); }

}  // namespace rc
