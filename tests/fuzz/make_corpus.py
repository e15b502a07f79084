"""Writes the seeds of the corpus: for each target a few small inputs of every kind that it reads, made here.
What fuzzing found stands beside them by names of its own, and stays. Needs Debian's python3-numpy and python3-pil."""
import hashlib
import io
import json
import os
import struct
import zipfile

import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))


def write(target, name, content):
    folder = os.path.join(HERE, "corpus", target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)


def safetensors(tensors, metadata=None):
    header, data = ({"__metadata__": metadata} if metadata else {}), b""
    for name, (dtype, shape, values) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def npy(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def image(mode, format, **options):
    pixels = (np.arange(7 * 5 * 4).reshape(7, 5, 4) * 37 % 256).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels[:, :, :3]).convert(mode).save(out, format, **options)
    return out.getvalue()


def tiff(orientation, order):
    u16, u32 = order + "H", order + "I"
    entries = [(0x010F, 2, 6, struct.pack(u32, 38)), (0x0112, 3, 1, struct.pack(u16, orientation) + b"\0\0")]
    directory = b"".join(struct.pack(u16, tag) + struct.pack(u16, kind) + struct.pack(u32, count) + value
                         for tag, kind, count, value in entries)
    return ((b"II" if order == "<" else b"MM") + struct.pack(u16, 42) + struct.pack(u32, 8) +
            struct.pack(u16, len(entries)) + directory + struct.pack(u32, 0) + b"maker")


def main():
    floats = np.array([1, -2], "<f4").tobytes()
    write("safetensors", "two", safetensors({"a": ("I64", [], b"\1" * 8), "b": ("F32", [2], floats)}, {"format": "pt"}))
    write("safetensors", "none", safetensors({}))
    write("safetensors", "empty_tensor", safetensors({"e": ("BF16", [0, 3], b""), "u": ("U8", [3], b"abc")}))
    write("safetensors", "hole", safetensors({"a": ("F32", [2], floats)}) + b"more")

    # What torch.save and NumPy wrote for other tests.
    golden = os.path.join(HERE, "..", "golden", "weights")
    for name in sorted(name for name in os.listdir(golden) if name.endswith((".pth", ".npz"))):
        with open(os.path.join(golden, name), "rb") as file:
            content = file.read()
        if len(content) > 10000:  # a whole network is slow to read
            continue
        write("weights", name, content)
        if not zipfile.is_zipfile(io.BytesIO(content)):
            continue
        write("zip", name, content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.namelist():
                if entry.endswith("/data.pkl"):
                    write("pickle", name, archive.read(entry))
                if entry.endswith(".npy"):
                    write("npz", os.path.splitext(name)[0] + "_" + entry, archive.read(entry))

    for dtype in ["<f2", "<f4", ">f8", "|u1", "<i4", ">i8", "|b1"]:
        write("npy", "type_" + dtype[1:], npy(np.arange(6).reshape(2, 3).astype(dtype)))
    write("npy", "fortran", npy(np.asfortranarray(np.arange(6, dtype="<i2").reshape(2, 3))))
    write("npy", "scalar", npy(np.float32(3)))
    write("npy", "object", b"\x93NUMPY\1\0\x46\0{'descr': '|O', 'fortran_order': False, 'shape': (1,), }         \n")

    real = {"v": 1, "dataset": "d", "split": "train", "method": "real", "label": 0, "video": "071", "target": "071",
            "source": "", "comp": "c23", "frames": ["real/071/000.png"], "sha256": ["0" * 64]}
    fake = {"v": 1, "label": 1, "video": "071_054", "method": "Deepfakes", "target": "071", "source": "054",
            "frames": ["fake/a.png", "fake/b.png"]}
    rows = [json.dumps(row) for row in (real, dict(real, video="054", target="054"), fake)]
    write("index", "three", "\n".join(rows) + "\n")
    write("index", "unsplit", "\n".join(json.dumps({"v": 1, "label": i % 2, "video": str(i), "frames": [f"{i}.png"]})
                                        for i in range(12)) + "\n\n")
    write("index", "damaged", rows[0] + "\n{\"v\":1,\n")

    def entry(label, *frames):
        return {"label": label, "frames": list(frames)}
    write("dfb", "levels", json.dumps({"FF-DF": {
        "FF-real": {"train": {"c23": {"071": entry("FF-real", "ff\\071\\000.png", "ff\\071\\012.png")}}, "val": {}, "test": {"c23": {}}},
        "FF-DF": {"train": {"c23": {"071_054": dict(entry("FF-DF", "/a/b.png"), masks=["m.png"])}}}}}))
    same = {"0000": entry("UADFV_Real", "UADFV\\real\\0.png")}, {"0000_fake": entry("UADFV_Fake", "f/0.png")}
    write("dfb", "same_in_all", json.dumps({"UADFV": {label: {split: videos for split in ("train", "val", "test")}
                                                      for label, videos in zip(("UADFV_Real", "UADFV_Fake"), same)}}))
    write("dfb", "celebdf", json.dumps({"Celeb-DF-v2": {
        "CelebDFv2_real": {"train": {f"id{i}_0000": entry("CelebDFv2_real", f"{i}.png") for i in range(9)}, "test": {}},
        "CelebDFv2_fake": {"train": {"id0_id1_0000": entry("CelebDFv2_fake", "f.png"), "id1_id0": entry("CelebDFv2_fake")}}}}))
    write("dfb", "malformed_val", json.dumps({"DFDC": {
        "DFDC_Real": {"test": {"a": entry("DFDC_Real", "a.png")}, "val": entry("DFDC_Real", "a.png")},
        "DFDC_Fake": {"test": {"b": entry("DFDC_Fake", "b.png")}}}}))
    write("dfb", "unknown", '{"X": {"X_Real": {"test": {"a": {"label": "X_Real", "frames": ["a"]}}}}}')
    write("dfb", "deep", '{"a":' * 2000)
    write("csv_index", "all", "path,label,video,method,split,target,source\na/0.png,real,a,,train,a,\n\"b,0.png\",1,b,Swap,train,a,c\n")
    write("csv_index", "short", "\ufefflabel,path\r\n0,a\\0.png\r\nFAKE,b.mp4\r\n")
    write("csv_index", "damaged", "path,label\na,2\n")
    write("celebdf", "list", "1 YouTube-real/00170.mp4\n0 Celeb-synthesis/id0_id1_0000.mp4\r\n")
    write("celebdf", "damaged", "1 YouTube-real\n")
    write("dfdc", "metadata", '{"a.mp4": {"label": "FAKE", "split": "train", "original": "b.mp4"}, "b.mp4": {"is_fake": 0}}')
    write("dfdc", "table", "filename,label\na.mp4,0\nb.mp4,FAKE\n")
    write("dfdcp", "list", '{"method_A/1/1_A/1_0.mp4": {"label": "fake", "set": "train", "source_video": "1"}, '
          '"original_videos/1/1_0.mp4": {"label": "real", "set": "test"}}')
    write("dfdcp", "damaged", '{"a.mp4": {"label": "real", "set": "train"}}')

    write("split_lists", "pairs", '[["071", "054"], ["087", "081"]]')
    write("split_lists", "twice", '[["1"], ["2"]]')
    write("split_lists", "damaged", '[["071", 54], {}]')

    write("settings", "nested", '{"seed": 1, "optim": {"lr": 2e-4, "betas": [0.9, 0.999]},\n "data.path": "d", "loss": {}}')
    write("settings", "extends", '{"$schema": "x", "extends": "base.json", "augment": false, "out": null}')
    write("settings", "deep", '{"a":' * 2000)
    write("settings", "damaged", '{"seed": 1,}')

    write("csv", "plain", "a,b\n1,2\n")
    write("csv", "quoted", 'a,"b ""c"", d"\r\n"x\ny",\n')
    write("csv", "open", 'a,"b')
    header = "dataset,split,video,frame,path,label,method,prob_fake,logit0,logit1,real_distance\n"
    write("predictions", "two", header + "d,test,v,0,a.png,0,real,0.25,1,-1,0.5\nd,test,w,1,b.png,1,fake,0.75,-1,1,\n")
    level = {"count": 3, "auc": 0.75, "auc_ci95": [0.5, 1.0], "ap": None, "reliability": [{"count": 3}], "reason": "none"}
    results = {"dataset": "a/b~c", "protocol": {"name": "dfb", "seed": 42}, "all": {"frames": level, "videos": level},
               "methods": {"x/y": {"frames": level}}, "perturbations": {"jpeg": {"1": {"frame_auc": 0.5}}, "mean": {"frame_auc": 0.5}}}
    write("expectation", "results", json.dumps(results))
    write("expectation", "summary", json.dumps({"sets": {"a": {"all": {"frames": level}}}, "avg": {"frames": level}}))
    write("expectation", "by_hand", '{"a": {"auc": 0.9, "video_eer": null}, "avg": {"auc": 1e400}}')
    write("expectation", "mistyped", '{"a": {"auk": 0.9}}')
    write("predictions", "damaged", header + "d,test,v,x,a.png,0,real,0.25,1,-1,0.5\n")

    for quality in [5, 95]:
        write("image", f"jpeg_{quality}", image("RGB", "JPEG", quality=quality))
    write("image", "jpeg_progressive", image("RGB", "JPEG", progressive=True))
    write("image", "jpeg_grey", image("L", "JPEG"))
    write("image", "jpeg_cmyk", image("CMYK", "JPEG"))
    write("image", "jpeg_turned", image("RGB", "JPEG", exif=b"Exif\0\0" + tiff(6, "<")))
    for mode in ["1", "L", "LA", "P", "RGB", "RGBA", "I"]:
        write("image", "png_" + mode, image(mode, "PNG"))
    write("image", "png_turned", image("RGB", "PNG", exif=b"Exif\0\0" + tiff(8, ">")))
    for mode in ["1", "L", "P", "RGB", "RGBA"]:
        write("image", "bmp_" + mode, image(mode, "BMP"))
    write("image", "gif", image("P", "GIF"))
    write("image", "gif_interlaced", image("P", "GIF", interlace=True, transparency=3))
    write("image", "cut", image("RGB", "PNG")[:60])
    for format in ["JPEG", "PNG", "BMP", "GIF"]:
        write("image_header", format.lower(), image("P" if format == "GIF" else "RGB", format)[:700])
    write("image_header", "jpeg_commented", b"\xff\xd8\xff\xfe\0\5abc\xff" + image("L", "JPEG")[2:])
    write("image_header", "bmp_upside_down", image("RGB", "BMP")[:22] + struct.pack("<i", -7) + b"\1\0\x18\0")

    for order, name in [("<", "little"), (">", "big")]:
        write("exif", name, tiff(6, order))
        write("exif", "jpeg_" + name, b"\xff\xd8\xff\xe1" + struct.pack(">H", 8 + len(tiff(3, order))) + b"Exif\0\0" +
              tiff(3, order) + b"\xff\xd9")

    gpu = {"maxGridSize": [2147483647, 65535, 65535], "maxBlockSize": [1024, 1024, 64], "regsPerBlock": 65536,
           "multiProcessorCount": 132, "smClockRateKHz": 1980000, "memClockRateKHz": 2619000, "l2CacheSize": 52428800,
           "warpSize": 32, "maxSharedMemoryPerBlock": 49152, "maxSharedMemoryPerBlockOptin": 232448,
           "reservedSharedMemoryPerBlock": 1024, "maxRegistersPerSM": 65536, "pciDeviceId": 0, "maxCtasPerSM": 32,
           "maxThreadsPerBlock": 1024, "maxThreadsPerSM": 2048, "isTccDriver": 0, "supportCoopLaunch": 1,
           "deviceName": "NVIDIA H100 80GB HBM3", "deviceVer": 900, "driverVer": 13000, "totalGlobalMem": 85045084160,
           "cudaDeviceId": 0}
    write("gpu", "known", json.dumps(gpu))
    write("gpu", "unknown", json.dumps(dict(gpu, deviceName="x", deviceVer=890, memoryBusWidth=384)))
    write("gpu", "without_name", json.dumps({key: value for key, value in gpu.items() if key != "deviceName"}))

    write("plan_cache", "knobs", "realcentric plan 1\nconv 1x2x3\nengine 45\nknob 1 2\nknob 12 -3\n")
    write("plan_cache", "no_knobs", "realcentric plan 1\nconv 1x2x3\nengine 0\n")
    body = "realcentric plan 1\nconv 1x2x3\nengine 7\n"
    write("plan_cache", "sealed", body + "sha256 " + hashlib.sha256(body.encode()).hexdigest() + "\n")

    state = {"step": 120, "best": 0.9336, "best_step": 100, "loss_sum": 8.25, "loss_count": 8, "data_hash": "0" * 64}
    write("training_state", "whole", json.dumps(state))
    write("training_state", "begun", json.dumps(dict(state, best=-1, best_step=0)))
    write("training_state", "negative", json.dumps(dict(state, step=-1)))
    write("training_state", "huge", json.dumps(dict(state, step=1e300)))
    write("training_state", "cut", json.dumps(state)[:40])

    scores = {"count": 4, "real": 2, "fake": 2, "auc": 0.75, "eer": 0.25, "ap": 0.8, "acc": None, "auc_ci95": [0.5, 1.0],
              "ece": 0.1, "reliability": [{"mean_score": 0.25, "fake_share": 0.5, "count": 4}]}
    level = {"frames": scores, "videos": scores}
    jpeg = {str(n): {"frame_auc": 0.75 - n / 20, "video_auc": None} for n in range(1, 6)}
    run = [json.dumps({"all": level, "methods": {"x/y": level}, "scores": {"both": level},
                       "perturbations": {"jpeg": dict(jpeg, mean={"frame_auc": 0.5}), "groups": {"g": {"frame_auc": 0.5}}}}),
           json.dumps({"seed": 1, "model": {"name": "resnet18"}, "loss": {"objective": "full"}, "optim.betas": [0.9, 0.999]}),
           "".join(json.dumps({"step": n, "loss": 1 / n, "lr": 1e-4, "real_centre_q50": 0.5}) + "\n" for n in (1, 2, 3)),
           "epoch,step,val_auc\n1,10,0.5\n2,20,\n",
           "level,fpr,tpr\nframes,0,0\nframes,1,1\nvideos,0.5,1\n",
           "label,method,prob_fake\n0,real,0.25\n1,x/y,0.75\n"]
    write("report", "whole", "\0".join(run))
    write("report", "training", "\0".join(["{}"] + run[1:4]))
    write("report", "neighbouring_doubles", "\0".join(["", "", '{"step": 1, "lr": 1e17}\n{"step": 2, "lr": 1.0000000000000002e17}\n']))
    write("report", "mistyped", json.dumps({"all": [], "methods": 1}))


main()
