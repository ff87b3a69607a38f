// Copyright (c) 2026, the voiceops.salesforce contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Asks @apexdevtools/apex-parser about SOQL: node oracle.cjs FOLDER, where FOLDER holds node_modules. Reads one JSON string a line, writes one
// JSON object a line: accept, error, and of an accepted statement what the judgement rests on (names, loose, ...; see known_disagreements.py).
"use strict";

const path = require("path");
const readline = require("readline");
const { createRequire } = require("module");

const from = createRequire(path.resolve(process.argv[2]) + path.sep);
const { ApexErrorListener, ApexParser, ApexParserFactory } = from("@apexdevtools/apex-parser");

class Listener extends ApexErrorListener {
  constructor() {
    super();
    this.first = null;
  }
  apexSyntaxError(line, column, message) {
    this.first = this.first || `${line}:${column} ${message}`;
  }
}

const ruleOf = (node) => (node.ruleIndex === undefined ? "" : ApexParser.ruleNames[node.ruleIndex]);
const childrenOf = (node) => node.children || [];
const LISTS = new Set(["in", "notin", "includes", "excludes"]);

// What kind of thing stands on the right of an operator.
function kindOf(value) {
  const first = childrenOf(value)[0];
  if (ruleOf(first) === "valueList") return "list";
  return first.getText() === "(" ? "list" : ruleOf(first) === "boundExpression" ? "bind" : "scalar";
}

function inspect(node, found) {
  const rule = ruleOf(node);
  if (rule === "soqlId" && !node.isPart && node.getText() !== "") found.names.push([node.getText(), node.start.start]);
  if (rule === "fieldName" && childrenOf(node).length > 1) {
    childrenOf(node).forEach((child) => (child.isPart = true));
    const source = node.start.getInputStream().getText(node.start.start, node.stop.stop);
    if (/\s/.test(source)) found.spaced = true;
  }
  if (rule === "boundExpression") found.bind = true;
  if (rule === "allRowsClause") found.allRows = true;
  if (rule === "soqlFunction" && /^count\(\)$/i.test(node.getText())) found.countRows += 1;
  if (rule === "selectList" || rule === "subFieldList") {
    const entries = childrenOf(node).filter((child) => child.getText() !== ",");
    if (entries.length === 1 && /^count\(\)$/i.test(entries[0].getText())) found.countRows -= 1;
  }
  if (rule === "signedInteger" && /^[+-]/.test(node.getText())) found.signed = true;
  if (rule === "withClause" && childrenOf(node).some((child) => ruleOf(child) === "logicalExpression")) found.withCondition = true;
  if (rule === "fieldExpression") {
    const children = childrenOf(node);
    const operator = children[children.length - 2].getText().toLowerCase();
    const kind = kindOf(children[children.length - 1]);
    if (kind !== "bind" && LISTS.has(operator) !== (kind === "list")) found.loose = true;
    const subquery = childrenOf(children[children.length - 1]).some((child) => ruleOf(child) === "subQuery");
    if (subquery && operator !== "in" && operator !== "notin") found.loose = true;
  }
  if (rule === "valueList") {
    const values = childrenOf(node).filter((child) => ruleOf(child) === "value");
    if (values.some((value) => kindOf(value) === "list")) found.loose = true;
  }
  childrenOf(node).forEach((child) => inspect(child, found));
}

function judge(statement) {
  const listener = new Listener();
  const { parser } = ApexParserFactory.createLexerAndParser(statement, listener);
  const tree = parser.query();
  const rest = parser.getCurrentToken();
  if (listener.first === null && rest.type !== -1) listener.first = `left over: ${rest.text}`;
  if (listener.first !== null) return { accept: false, error: listener.first };
  const found = { accept: true, error: null, names: [], spaced: false, bind: false, allRows: false, countRows: 0, signed: false, withCondition: false, loose: false };
  inspect(tree, found);
  return found;
}

readline
  .createInterface({ input: process.stdin, crlfDelay: Infinity })
  .on("line", (line) => process.stdout.write(JSON.stringify(judge(JSON.parse(line))) + "\n"));
