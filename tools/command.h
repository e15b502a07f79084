// The subcommands of the program, one a file of this folder. Each adds itself and a callback that does the
// work and throws rc::Error; main.cc turns what was thrown into a text and an exit code.
#pragma once

namespace CLI {
class App;
}

namespace rc {

void add_data_command(CLI::App& app);
void add_data_index(CLI::App& data);  // this and the next four are subcommands of `data`
void add_data_check(CLI::App& data);
void add_data_stats(CLI::App& data);
void add_data_preview(CLI::App& data);
void add_data_pack(CLI::App& data);
void add_train_command(CLI::App& app);
void add_eval_command(CLI::App& app);
void add_ablate_command(CLI::App& app);
void add_predict_command(CLI::App& app);
void add_embed_command(CLI::App& app);
void add_export_command(CLI::App& app);
void add_bench_command(CLI::App& app);
void add_report_command(CLI::App& app);
void add_plan_command(CLI::App& app);
void add_profile_command(CLI::App& app);
void add_info_command(CLI::App& app);
void add_convert_command(CLI::App& app);
void add_inspect_command(CLI::App& app);

}  // namespace rc
