"""What verify/run.py leaves in build/verify: summary.json, goals.txt, junit.xml, verify.sarif, solo.txt."""
import json
import re
from xml.etree import ElementTree


def place(red):
    return f"{red['file']}:{red['line']}" if red["line"] else red["file"]


def words(red):
    return "; ".join([f"{red['function']}: {red['goal']}" if red["function"] else red["goal"], *red["provers"]])


def write(folder, runs, red, unpinned):
    proved, total = (sum(f[k] for run in runs for f in run.functions.values()) for k in ("proved", "total"))
    (folder / "summary.json").write_text(json.dumps({
        "proved": proved, "total": total, "seconds": round(sum(run.seconds for run in runs), 1),
        "runs": [{"module": run.module, "config": run.config, "seconds": round(run.seconds, 1),
                  "cached": run.cached, "functions": run.functions} for run in runs],
        "red": red, "unpinned": [difference["goal"] for difference in unpinned]}, indent=1) + "\n")
    write_goals(folder / "goals.txt", runs)
    write_junit(folder / "junit.xml", runs, red + unpinned)
    write_sarif(folder / "verify.sarif", red + unpinned)
    return proved, total


def write_goals(path, runs):
    """Each goal with its prover and its time, the slowest first."""
    rows = sorted(((answer, run) for run in runs for answer in run.answers if not answer.smoke),
                  key=lambda row: -row[0].seconds)
    path.write_text("".join(f"{a.seconds:8.3f} s  {a.by if a.proved else 'RED':<18} "
                            f"{run.module}, {run.config}: {a.goal}\n" for a, run in rows))


def slowest(runs, allowed):
    """A line a module: its slowest goal."""
    for module in dict.fromkeys(run.module for run in runs):
        goals = [(a.seconds, a, run) for run in runs if run.module == module for a in run.answers if a.proved and not a.smoke]
        if goals:
            seconds, answer, run = max(goals, key=lambda goal: goal[0])
            yield (f"{module}: slowest goal {seconds:.1f} s of {allowed}, {answer.by}"
                   f"{' (cached)' if answer.cached else ''}: {answer.goal}, {run.config}")


def write_junit(path, runs, wrong):
    """A suite a run; a case a function, and one for what is of none."""
    suites = ElementTree.Element("testsuites", name="verify")
    for run in runs:
        mine = [w for w in wrong if (w["module"], w["config"]) == (run.module, run.config)]
        cases = dict.fromkeys([*run.functions, *(w["function"] or w["clause"] for w in mine)])
        suite = ElementTree.SubElement(suites, "testsuite", name=f"{run.module}, {run.config}", tests=str(len(cases)),
                                       time=f"{run.seconds:.1f}")
        for name in cases:
            failed = [w for w in mine if (w["function"] or w["clause"]) == name]
            seconds = run.functions.get(name, {"seconds": 0})["seconds"]
            case = ElementTree.SubElement(suite, "testcase", classname=f"{run.module}.{run.config}", name=name, time=str(seconds))
            if failed:
                text = "".join(f"{place(w)}: {w['clause']}: {words(w)}\n" for w in failed)
                message = ", ".join(dict.fromkeys(w["clause"] for w in failed))
                ElementTree.SubElement(case, "failure", message=message).text = re.sub(r"[^\t\n\r -\ufffd]", "?", text)
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
    ElementTree.indent(suites, " ")
    ElementTree.ElementTree(suites).write(path, "utf-8", xml_declaration=True)


def write_sarif(path, wrong):
    results = [{
        "ruleId": w["clause"], "level": "error",
        "message": {"text": f"{w['module']}, {w['config']}: {words(w)}"},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": w["file"], "uriBaseId": "ROOT"},
            **({"region": {"startLine": w["line"]}} if w["line"] else {})}}],
    } for w in wrong]
    path.write_text(json.dumps({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "Frama-C WP", "rules": [{"id": rule} for rule in sorted({r["ruleId"] for r in results})]}},
            "originalUriBaseIds": {"ROOT": {"description": {"text": "the root of the repository"}}},
            "results": results}]}, indent=1) + "\n")


def write_solo(path, module, told, limit):
    """Of a module's goals that need a prover: those that only one proves, or none of them alone. told: prover -> what it proves,
    what it was asked."""
    everything = set().union(*(asked for _, asked in told.values()))
    lines = [f"{module}: {len(everything)} goals"]

    def add(what, goals):
        lines.extend([what, *(f"        {goal}" for goal in sorted(goals))])

    for prover, (goals, _) in told.items():
        only = goals - set().union(*(others for other, (others, _) in told.items() if other != prover))
        add(f"    {prover:<14} proves {len(goals):>4}, {len(only):>3} of them alone", only)
    none = everything - set().union(*(goals for goals, _ in told.values()))
    add(f"    none within {limit} s: {len(none)}", none)
    with path.open("a") as file:
        file.write("\n".join(lines) + "\n")
    return lines
