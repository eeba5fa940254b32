// dprint-ignore-file
// @ts-nocheck
// Generated from manifest.ts by `node --conditions=driftgate-source core/plugin/manifest-compile.ts`.
/* oxlint-disable */
import type { ErrorObject } from "ajv"

export const generatedFrom = "ec4ec2741b43dbfd0236c4883918a6d42272d1f2064517d5fa1d4cdda9eea65e"

interface ManifestCheck {
  (value: unknown): boolean
  errors?: ReadonlyArray<ErrorObject> | null
}


export const validate: ManifestCheck = validate20
const schema31 = {"$schema":"https://json-schema.org/draft/2020-12/schema","$ref":"#/$defs/DriftgatePlugin","$defs":{"DriftgatePlugin":{"type":"object","properties":{"$schema":{"type":"string"},"id":{"type":"string","pattern":"^[a-z0-9][a-z0-9-]*$"},"kind":{"type":"string","enum":["benchmark","scorer","target","reporter"]},"title":{"type":"string"},"version":{"type":"string","pattern":"^[1-9][0-9]*-[A-Z]$","description":"N-X: results are comparable within N, the interface within X"},"contract":{"type":"string","minLength":1,"description":"Range of contract versions, such as ^1.0.0"},"entry":{"type":"string","minLength":1,"description":"Module inside the plugin's folder; .js, or .ts in a local folder"},"options":{"type":"object","description":"JSON Schema (2020-12) of the options"},"assets":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string","pattern":"^[a-z0-9][a-z0-9-]*$"},"sources":{"type":"array","prefixItems":[{"type":"object","properties":{"id":{"type":"string","description":"Names this alternative in plans, such as `upstream` or `mit-rows`"},"url":{"type":"string","description":"Address at a fixed revision"},"mirror":{"type":"string","description":"Path inside a mirror folder (DRIFTGATE_ASSET_MIRROR)"},"sha256":{"type":"string","pattern":"^[0-9a-f]{64}$"},"bytes":{"type":"integer","minimum":0,"maximum":9007199254740991},"licence":{"type":"string"},"extract":{"anyOf":[{"type":"object","properties":{"rule":{"type":"string","enum":["json-pointer"]},"pointer":{"type":"string","description":"JSON pointer; a segment `[key=value]` picks the array element whose member `key` is `value`"}},"required":["rule","pointer"],"additionalProperties":false},{"type":"object","properties":{"rule":{"type":"string","enum":["python-literal"]},"name":{"type":"string","minLength":1,"description":"What the program assigns the text or list of texts to, dotted inside classes and functions"},"at":{"type":"string","description":"Where in that value: JSON pointer; a segment `[key=value]` picks the array element whose member `key` is `value`"},"cell":{"type":"string","description":"In a notebook, the program: JSON pointer to a text or a list of texts"}},"required":["rule","name"],"additionalProperties":false},{"type":"object","properties":{"rule":{"type":"string","enum":["python-arguments"]},"call":{"type":"string","minLength":1,"description":"Function that the program gives the texts to; those of all its calls make one list"}},"required":["rule","call"],"additionalProperties":false}],"description":"How the text is found in this file, instead of by the asset's pointer"},"note":{"type":"string"}},"required":["id","sha256","bytes","licence"],"additionalProperties":false}],"minItems":1,"items":{"type":"object","properties":{"id":{"type":"string","description":"Names this alternative in plans, such as `upstream` or `mit-rows`"},"url":{"type":"string","description":"Address at a fixed revision"},"mirror":{"type":"string","description":"Path inside a mirror folder (DRIFTGATE_ASSET_MIRROR)"},"sha256":{"type":"string","pattern":"^[0-9a-f]{64}$"},"bytes":{"type":"integer","minimum":0,"maximum":9007199254740991},"licence":{"type":"string"},"extract":{"anyOf":[{"type":"object","properties":{"rule":{"type":"string","enum":["json-pointer"]},"pointer":{"type":"string","description":"JSON pointer; a segment `[key=value]` picks the array element whose member `key` is `value`"}},"required":["rule","pointer"],"additionalProperties":false},{"type":"object","properties":{"rule":{"type":"string","enum":["python-literal"]},"name":{"type":"string","minLength":1,"description":"What the program assigns the text or list of texts to, dotted inside classes and functions"},"at":{"type":"string","description":"Where in that value: JSON pointer; a segment `[key=value]` picks the array element whose member `key` is `value`"},"cell":{"type":"string","description":"In a notebook, the program: JSON pointer to a text or a list of texts"}},"required":["rule","name"],"additionalProperties":false},{"type":"object","properties":{"rule":{"type":"string","enum":["python-arguments"]},"call":{"type":"string","minLength":1,"description":"Function that the program gives the texts to; those of all its calls make one list"}},"required":["rule","call"],"additionalProperties":false}],"description":"How the text is found in this file, instead of by the asset's pointer"},"note":{"type":"string"}},"required":["id","sha256","bytes","licence"],"additionalProperties":false},"description":"Alternatives, best first"},"extract":{"type":"object","properties":{"pointer":{"type":"string","description":"In alternatives that say nothing else: JSON pointer; a segment `[key=value]` picks the array element whose member `key` is `value`"},"sha256":{"type":"string","pattern":"^[0-9a-f]{64}$","description":"Of the text; of its canonical JSON where it is a list"}},"required":["sha256"],"additionalProperties":false},"when":{"type":"object","additionalProperties":{"type":"array","prefixItems":[{}],"minItems":1},"description":"Needed only while each of these options has one of the values listed; without it, always"},"citation":{"type":"string"}},"required":["name","sources"],"additionalProperties":false}},"suites":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string","pattern":"^[a-z0-9][a-z0-9-]*$"},"title":{"type":"string"},"kind":{"type":"string","enum":["harmful","benign","task"]},"gates":{"type":"array","items":{"type":"string","enum":["unsafe","refused","complied","wrong"]},"description":"Measures that a gate decides on"},"tracks":{"type":"array","items":{"type":"string","enum":["unsafe","refused","complied","wrong"]},"description":"Measures that are reported and never decide"},"scorer":{"type":"string","description":"Default scorer, `id?option=value`"},"decoding":{"type":"object","properties":{"temperature":{"type":"number"},"topP":{"type":"number"},"topK":{"type":"integer","minimum":0,"maximum":9007199254740991},"maxTokens":{"type":"integer","minimum":0,"maximum":9007199254740991},"stop":{"type":"array","items":{"type":"string"}}},"required":["temperature","topP","topK","maxTokens"],"additionalProperties":false},"samples":{"type":"integer","minimum":0,"maximum":9007199254740991,"description":"Number of samples with default options"},"clustered":{"type":"boolean","description":"Several samples share a goal"},"licence":{"type":"string"},"citation":{"type":"string"}},"required":["id","title","kind","gates","tracks","scorer","decoding","licence","citation"],"additionalProperties":false}},"measures":{"type":"array","items":{"type":"string","enum":["unsafe","refused","complied","wrong"]},"description":"What a scorer can give"},"exact":{"type":"boolean","description":"A scorer that compares with a reference: no judge error in `wrong` of a task; believed of nothing else"},"roles":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string","pattern":"^[a-z0-9][a-z0-9-]*$"},"needs":{"type":"array","items":{"type":"string","enum":["messages","prompt","tokens","topLogprobs"]}}},"required":["name","needs"],"additionalProperties":false}},"uses":{"type":"array","items":{"type":"string","pattern":"^[a-z0-9][a-z0-9-]*$"},"description":"Scorers that this one asks"},"isolation":{"type":"string","enum":["inline","process"]},"permissions":{"type":"array","items":{"type":"string","enum":["net","fs-read","fs-write","gpu"]}},"licence":{"type":"string"},"citation":{"type":"string"},"upstream":{"type":"string","description":"Repository and commit that this follows"}},"required":["id","kind","version","contract","entry"],"additionalProperties":false}}};
const schema32 = {"type":"object","properties":{"$schema":{"type":"string"},"id":{"type":"string","pattern":"^[a-z0-9][a-z0-9-]*$"},"kind":{"type":"string","enum":["benchmark","scorer","target","reporter"]},"title":{"type":"string"},"version":{"type":"string","pattern":"^[1-9][0-9]*-[A-Z]$","description":"N-X: results are comparable within N, the interface within X"},"contract":{"type":"string","minLength":1,"description":"Range of contract versions, such as ^1.0.0"},"entry":{"type":"string","minLength":1,"description":"Module inside the plugin's folder; .js, or .ts in a local folder"},"options":{"type":"object","description":"JSON Schema (2020-12) of the options"},"assets":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string","pattern":"^[a-z0-9][a-z0-9-]*$"},"sources":{"type":"array","prefixItems":[{"type":"object","properties":{"id":{"type":"string","description":"Names this alternative in plans, such as `upstream` or `mit-rows`"},"url":{"type":"string","description":"Address at a fixed revision"},"mirror":{"type":"string","description":"Path inside a mirror folder (DRIFTGATE_ASSET_MIRROR)"},"sha256":{"type":"string","pattern":"^[0-9a-f]{64}$"},"bytes":{"type":"integer","minimum":0,"maximum":9007199254740991},"licence":{"type":"string"},"extract":{"anyOf":[{"type":"object","properties":{"rule":{"type":"string","enum":["json-pointer"]},"pointer":{"type":"string","description":"JSON pointer; a segment `[key=value]` picks the array element whose member `key` is `value`"}},"required":["rule","pointer"],"additionalProperties":false},{"type":"object","properties":{"rule":{"type":"string","enum":["python-literal"]},"name":{"type":"string","minLength":1,"description":"What the program assigns the text or list of texts to, dotted inside classes and functions"},"at":{"type":"string","description":"Where in that value: JSON pointer; a segment `[key=value]` picks the array element whose member `key` is `value`"},"cell":{"type":"string","description":"In a notebook, the program: JSON pointer to a text or a list of texts"}},"required":["rule","name"],"additionalProperties":false},{"type":"object","properties":{"rule":{"type":"string","enum":["python-arguments"]},"call":{"type":"string","minLength":1,"description":"Function that the program gives the texts to; those of all its calls make one list"}},"required":["rule","call"],"additionalProperties":false}],"description":"How the text is found in this file, instead of by the asset's pointer"},"note":{"type":"string"}},"required":["id","sha256","bytes","licence"],"additionalProperties":false}],"minItems":1,"items":{"type":"object","properties":{"id":{"type":"string","description":"Names this alternative in plans, such as `upstream` or `mit-rows`"},"url":{"type":"string","description":"Address at a fixed revision"},"mirror":{"type":"string","description":"Path inside a mirror folder (DRIFTGATE_ASSET_MIRROR)"},"sha256":{"type":"string","pattern":"^[0-9a-f]{64}$"},"bytes":{"type":"integer","minimum":0,"maximum":9007199254740991},"licence":{"type":"string"},"extract":{"anyOf":[{"type":"object","properties":{"rule":{"type":"string","enum":["json-pointer"]},"pointer":{"type":"string","description":"JSON pointer; a segment `[key=value]` picks the array element whose member `key` is `value`"}},"required":["rule","pointer"],"additionalProperties":false},{"type":"object","properties":{"rule":{"type":"string","enum":["python-literal"]},"name":{"type":"string","minLength":1,"description":"What the program assigns the text or list of texts to, dotted inside classes and functions"},"at":{"type":"string","description":"Where in that value: JSON pointer; a segment `[key=value]` picks the array element whose member `key` is `value`"},"cell":{"type":"string","description":"In a notebook, the program: JSON pointer to a text or a list of texts"}},"required":["rule","name"],"additionalProperties":false},{"type":"object","properties":{"rule":{"type":"string","enum":["python-arguments"]},"call":{"type":"string","minLength":1,"description":"Function that the program gives the texts to; those of all its calls make one list"}},"required":["rule","call"],"additionalProperties":false}],"description":"How the text is found in this file, instead of by the asset's pointer"},"note":{"type":"string"}},"required":["id","sha256","bytes","licence"],"additionalProperties":false},"description":"Alternatives, best first"},"extract":{"type":"object","properties":{"pointer":{"type":"string","description":"In alternatives that say nothing else: JSON pointer; a segment `[key=value]` picks the array element whose member `key` is `value`"},"sha256":{"type":"string","pattern":"^[0-9a-f]{64}$","description":"Of the text; of its canonical JSON where it is a list"}},"required":["sha256"],"additionalProperties":false},"when":{"type":"object","additionalProperties":{"type":"array","prefixItems":[{}],"minItems":1},"description":"Needed only while each of these options has one of the values listed; without it, always"},"citation":{"type":"string"}},"required":["name","sources"],"additionalProperties":false}},"suites":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string","pattern":"^[a-z0-9][a-z0-9-]*$"},"title":{"type":"string"},"kind":{"type":"string","enum":["harmful","benign","task"]},"gates":{"type":"array","items":{"type":"string","enum":["unsafe","refused","complied","wrong"]},"description":"Measures that a gate decides on"},"tracks":{"type":"array","items":{"type":"string","enum":["unsafe","refused","complied","wrong"]},"description":"Measures that are reported and never decide"},"scorer":{"type":"string","description":"Default scorer, `id?option=value`"},"decoding":{"type":"object","properties":{"temperature":{"type":"number"},"topP":{"type":"number"},"topK":{"type":"integer","minimum":0,"maximum":9007199254740991},"maxTokens":{"type":"integer","minimum":0,"maximum":9007199254740991},"stop":{"type":"array","items":{"type":"string"}}},"required":["temperature","topP","topK","maxTokens"],"additionalProperties":false},"samples":{"type":"integer","minimum":0,"maximum":9007199254740991,"description":"Number of samples with default options"},"clustered":{"type":"boolean","description":"Several samples share a goal"},"licence":{"type":"string"},"citation":{"type":"string"}},"required":["id","title","kind","gates","tracks","scorer","decoding","licence","citation"],"additionalProperties":false}},"measures":{"type":"array","items":{"type":"string","enum":["unsafe","refused","complied","wrong"]},"description":"What a scorer can give"},"exact":{"type":"boolean","description":"A scorer that compares with a reference: no judge error in `wrong` of a task; believed of nothing else"},"roles":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string","pattern":"^[a-z0-9][a-z0-9-]*$"},"needs":{"type":"array","items":{"type":"string","enum":["messages","prompt","tokens","topLogprobs"]}}},"required":["name","needs"],"additionalProperties":false}},"uses":{"type":"array","items":{"type":"string","pattern":"^[a-z0-9][a-z0-9-]*$"},"description":"Scorers that this one asks"},"isolation":{"type":"string","enum":["inline","process"]},"permissions":{"type":"array","items":{"type":"string","enum":["net","fs-read","fs-write","gpu"]}},"licence":{"type":"string"},"citation":{"type":"string"},"upstream":{"type":"string","description":"Repository and commit that this follows"}},"required":["id","kind","version","contract","entry"],"additionalProperties":false};
const func1 = Object.prototype.hasOwnProperty;
const pattern4 = new RegExp("^[a-z0-9][a-z0-9-]*$", "u");
const pattern5 = new RegExp("^[1-9][0-9]*-[A-Z]$", "u");
const pattern7 = new RegExp("^[0-9a-f]{64}$", "u");

function validate20(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate20.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.id === undefined){
const err0 = {instancePath,schemaPath:"#/$defs/DriftgatePlugin/required",keyword:"required",params:{missingProperty: "id"},message:"must have required property '"+"id"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.kind === undefined){
const err1 = {instancePath,schemaPath:"#/$defs/DriftgatePlugin/required",keyword:"required",params:{missingProperty: "kind"},message:"must have required property '"+"kind"+"'"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(data.version === undefined){
const err2 = {instancePath,schemaPath:"#/$defs/DriftgatePlugin/required",keyword:"required",params:{missingProperty: "version"},message:"must have required property '"+"version"+"'"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(data.contract === undefined){
const err3 = {instancePath,schemaPath:"#/$defs/DriftgatePlugin/required",keyword:"required",params:{missingProperty: "contract"},message:"must have required property '"+"contract"+"'"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(data.entry === undefined){
const err4 = {instancePath,schemaPath:"#/$defs/DriftgatePlugin/required",keyword:"required",params:{missingProperty: "entry"},message:"must have required property '"+"entry"+"'"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
for(const key0 in data){
if(!(func1.call(schema32.properties, key0))){
const err5 = {instancePath,schemaPath:"#/$defs/DriftgatePlugin/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.$schema !== undefined){
if(typeof data.$schema !== "string"){
const err6 = {instancePath:instancePath+"/$schema",schemaPath:"#/$defs/DriftgatePlugin/properties/%24schema/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.id !== undefined){
let data1 = data.id;
if(typeof data1 === "string"){
if(!pattern4.test(data1)){
const err7 = {instancePath:instancePath+"/id",schemaPath:"#/$defs/DriftgatePlugin/properties/id/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9][a-z0-9-]*$"},message:"must match pattern \""+"^[a-z0-9][a-z0-9-]*$"+"\""};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/id",schemaPath:"#/$defs/DriftgatePlugin/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.kind !== undefined){
let data2 = data.kind;
if(typeof data2 !== "string"){
const err9 = {instancePath:instancePath+"/kind",schemaPath:"#/$defs/DriftgatePlugin/properties/kind/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(!((((data2 === "benchmark") || (data2 === "scorer")) || (data2 === "target")) || (data2 === "reporter"))){
const err10 = {instancePath:instancePath+"/kind",schemaPath:"#/$defs/DriftgatePlugin/properties/kind/enum",keyword:"enum",params:{allowedValues: schema32.properties.kind.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data.title !== undefined){
if(typeof data.title !== "string"){
const err11 = {instancePath:instancePath+"/title",schemaPath:"#/$defs/DriftgatePlugin/properties/title/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data.version !== undefined){
let data4 = data.version;
if(typeof data4 === "string"){
if(!pattern5.test(data4)){
const err12 = {instancePath:instancePath+"/version",schemaPath:"#/$defs/DriftgatePlugin/properties/version/pattern",keyword:"pattern",params:{pattern: "^[1-9][0-9]*-[A-Z]$"},message:"must match pattern \""+"^[1-9][0-9]*-[A-Z]$"+"\""};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
else {
const err13 = {instancePath:instancePath+"/version",schemaPath:"#/$defs/DriftgatePlugin/properties/version/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data.contract !== undefined){
let data5 = data.contract;
if(typeof data5 === "string"){
if(data5.length < 1){
const err14 = {instancePath:instancePath+"/contract",schemaPath:"#/$defs/DriftgatePlugin/properties/contract/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
else {
const err15 = {instancePath:instancePath+"/contract",schemaPath:"#/$defs/DriftgatePlugin/properties/contract/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data.entry !== undefined){
let data6 = data.entry;
if(typeof data6 === "string"){
if(data6.length < 1){
const err16 = {instancePath:instancePath+"/entry",schemaPath:"#/$defs/DriftgatePlugin/properties/entry/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
else {
const err17 = {instancePath:instancePath+"/entry",schemaPath:"#/$defs/DriftgatePlugin/properties/entry/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
if(data.options !== undefined){
let data7 = data.options;
if(!(data7 && typeof data7 == "object" && !Array.isArray(data7))){
const err18 = {instancePath:instancePath+"/options",schemaPath:"#/$defs/DriftgatePlugin/properties/options/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data.assets !== undefined){
let data8 = data.assets;
if(Array.isArray(data8)){
const len0 = data8.length;
for(let i0=0; i0<len0; i0++){
let data9 = data8[i0];
if(data9 && typeof data9 == "object" && !Array.isArray(data9)){
if(data9.name === undefined){
const err19 = {instancePath:instancePath+"/assets/" + i0,schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
if(data9.sources === undefined){
const err20 = {instancePath:instancePath+"/assets/" + i0,schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/required",keyword:"required",params:{missingProperty: "sources"},message:"must have required property '"+"sources"+"'"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
for(const key1 in data9){
if(!(((((key1 === "name") || (key1 === "sources")) || (key1 === "extract")) || (key1 === "when")) || (key1 === "citation"))){
const err21 = {instancePath:instancePath+"/assets/" + i0,schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data9.name !== undefined){
let data10 = data9.name;
if(typeof data10 === "string"){
if(!pattern4.test(data10)){
const err22 = {instancePath:instancePath+"/assets/" + i0+"/name",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/name/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9][a-z0-9-]*$"},message:"must match pattern \""+"^[a-z0-9][a-z0-9-]*$"+"\""};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
else {
const err23 = {instancePath:instancePath+"/assets/" + i0+"/name",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data9.sources !== undefined){
let data11 = data9.sources;
if(Array.isArray(data11)){
if(data11.length < 1){
const err24 = {instancePath:instancePath+"/assets/" + i0+"/sources",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items"};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
const len1 = data11.length;
if(len1 > 0){
let data12 = data11[0];
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
if(data12.id === undefined){
const err25 = {instancePath:instancePath+"/assets/" + i0+"/sources/0",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/required",keyword:"required",params:{missingProperty: "id"},message:"must have required property '"+"id"+"'"};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
if(data12.sha256 === undefined){
const err26 = {instancePath:instancePath+"/assets/" + i0+"/sources/0",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/required",keyword:"required",params:{missingProperty: "sha256"},message:"must have required property '"+"sha256"+"'"};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
if(data12.bytes === undefined){
const err27 = {instancePath:instancePath+"/assets/" + i0+"/sources/0",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/required",keyword:"required",params:{missingProperty: "bytes"},message:"must have required property '"+"bytes"+"'"};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
if(data12.licence === undefined){
const err28 = {instancePath:instancePath+"/assets/" + i0+"/sources/0",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/required",keyword:"required",params:{missingProperty: "licence"},message:"must have required property '"+"licence"+"'"};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
for(const key2 in data12){
if(!((((((((key2 === "id") || (key2 === "url")) || (key2 === "mirror")) || (key2 === "sha256")) || (key2 === "bytes")) || (key2 === "licence")) || (key2 === "extract")) || (key2 === "note"))){
const err29 = {instancePath:instancePath+"/assets/" + i0+"/sources/0",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data12.id !== undefined){
if(typeof data12.id !== "string"){
const err30 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/id",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
if(data12.url !== undefined){
if(typeof data12.url !== "string"){
const err31 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/url",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/url/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data12.mirror !== undefined){
if(typeof data12.mirror !== "string"){
const err32 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/mirror",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/mirror/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
if(data12.sha256 !== undefined){
let data16 = data12.sha256;
if(typeof data16 === "string"){
if(!pattern7.test(data16)){
const err33 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/sha256",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/sha256/pattern",keyword:"pattern",params:{pattern: "^[0-9a-f]{64}$"},message:"must match pattern \""+"^[0-9a-f]{64}$"+"\""};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
else {
const err34 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/sha256",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/sha256/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
if(data12.bytes !== undefined){
let data17 = data12.bytes;
if(!(((typeof data17 == "number") && (!(data17 % 1) && !isNaN(data17))) && (isFinite(data17)))){
const err35 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/bytes",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/bytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
if((typeof data17 == "number") && (isFinite(data17))){
if(data17 > 9007199254740991 || isNaN(data17)){
const err36 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/bytes",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/bytes/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
if(data17 < 0 || isNaN(data17)){
const err37 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/bytes",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/bytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
}
if(data12.licence !== undefined){
if(typeof data12.licence !== "string"){
const err38 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/licence",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/licence/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
if(data12.extract !== undefined){
let data19 = data12.extract;
const _errs44 = errors;
let valid7 = false;
const _errs45 = errors;
if(data19 && typeof data19 == "object" && !Array.isArray(data19)){
if(data19.rule === undefined){
const err39 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/0/required",keyword:"required",params:{missingProperty: "rule"},message:"must have required property '"+"rule"+"'"};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
if(data19.pointer === undefined){
const err40 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/0/required",keyword:"required",params:{missingProperty: "pointer"},message:"must have required property '"+"pointer"+"'"};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
for(const key3 in data19){
if(!((key3 === "rule") || (key3 === "pointer"))){
const err41 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/0/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
if(data19.rule !== undefined){
let data20 = data19.rule;
if(typeof data20 !== "string"){
const err42 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract/rule",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/0/properties/rule/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
if(!(data20 === "json-pointer")){
const err43 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract/rule",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/0/properties/rule/enum",keyword:"enum",params:{allowedValues: schema32.properties.assets.items.properties.sources.prefixItems[0].properties.extract.anyOf[0].properties.rule.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
if(data19.pointer !== undefined){
if(typeof data19.pointer !== "string"){
const err44 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract/pointer",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/0/properties/pointer/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
}
}
else {
const err45 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/0/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
var _valid0 = _errs45 === errors;
valid7 = valid7 || _valid0;
if(_valid0){
var props0 = true;
}
const _errs52 = errors;
if(data19 && typeof data19 == "object" && !Array.isArray(data19)){
if(data19.rule === undefined){
const err46 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/1/required",keyword:"required",params:{missingProperty: "rule"},message:"must have required property '"+"rule"+"'"};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
if(data19.name === undefined){
const err47 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/1/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
for(const key4 in data19){
if(!((((key4 === "rule") || (key4 === "name")) || (key4 === "at")) || (key4 === "cell"))){
const err48 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/1/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
if(data19.rule !== undefined){
let data22 = data19.rule;
if(typeof data22 !== "string"){
const err49 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract/rule",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/1/properties/rule/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
if(!(data22 === "python-literal")){
const err50 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract/rule",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/1/properties/rule/enum",keyword:"enum",params:{allowedValues: schema32.properties.assets.items.properties.sources.prefixItems[0].properties.extract.anyOf[1].properties.rule.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
if(data19.name !== undefined){
let data23 = data19.name;
if(typeof data23 === "string"){
if(data23.length < 1){
const err51 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract/name",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/1/properties/name/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
else {
const err52 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract/name",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/1/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
}
if(data19.at !== undefined){
if(typeof data19.at !== "string"){
const err53 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract/at",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/1/properties/at/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
if(data19.cell !== undefined){
if(typeof data19.cell !== "string"){
const err54 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract/cell",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/1/properties/cell/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
}
else {
const err55 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/1/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
var _valid0 = _errs52 === errors;
valid7 = valid7 || _valid0;
if(_valid0){
if(props0 !== true){
props0 = true;
}
}
const _errs63 = errors;
if(data19 && typeof data19 == "object" && !Array.isArray(data19)){
if(data19.rule === undefined){
const err56 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/2/required",keyword:"required",params:{missingProperty: "rule"},message:"must have required property '"+"rule"+"'"};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
if(data19.call === undefined){
const err57 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/2/required",keyword:"required",params:{missingProperty: "call"},message:"must have required property '"+"call"+"'"};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
for(const key5 in data19){
if(!((key5 === "rule") || (key5 === "call"))){
const err58 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/2/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
if(data19.rule !== undefined){
let data26 = data19.rule;
if(typeof data26 !== "string"){
const err59 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract/rule",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/2/properties/rule/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
if(!(data26 === "python-arguments")){
const err60 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract/rule",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/2/properties/rule/enum",keyword:"enum",params:{allowedValues: schema32.properties.assets.items.properties.sources.prefixItems[0].properties.extract.anyOf[2].properties.rule.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
if(data19.call !== undefined){
let data27 = data19.call;
if(typeof data27 === "string"){
if(data27.length < 1){
const err61 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract/call",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/2/properties/call/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
else {
const err62 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract/call",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/2/properties/call/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
}
else {
const err63 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf/2/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
var _valid0 = _errs63 === errors;
valid7 = valid7 || _valid0;
if(_valid0){
if(props0 !== true){
props0 = true;
}
}
if(!valid7){
const err64 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/extract/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
else {
errors = _errs44;
if(vErrors !== null){
if(_errs44){
vErrors.length = _errs44;
}
else {
vErrors = null;
}
}
}
}
if(data12.note !== undefined){
if(typeof data12.note !== "string"){
const err65 = {instancePath:instancePath+"/assets/" + i0+"/sources/0/note",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/properties/note/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
}
else {
const err66 = {instancePath:instancePath+"/assets/" + i0+"/sources/0",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/prefixItems/0/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
}
const len2 = data11.length;
var valid11 = len2 <= 1;
if(!valid11){
for(let i1=1; i1<len2; i1++){
let data29 = data11[i1];
const _errs72 = errors;
if(data29 && typeof data29 == "object" && !Array.isArray(data29)){
if(data29.id === undefined){
const err67 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1,schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/required",keyword:"required",params:{missingProperty: "id"},message:"must have required property '"+"id"+"'"};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
if(data29.sha256 === undefined){
const err68 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1,schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/required",keyword:"required",params:{missingProperty: "sha256"},message:"must have required property '"+"sha256"+"'"};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
if(data29.bytes === undefined){
const err69 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1,schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/required",keyword:"required",params:{missingProperty: "bytes"},message:"must have required property '"+"bytes"+"'"};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
if(data29.licence === undefined){
const err70 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1,schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/required",keyword:"required",params:{missingProperty: "licence"},message:"must have required property '"+"licence"+"'"};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
for(const key6 in data29){
if(!((((((((key6 === "id") || (key6 === "url")) || (key6 === "mirror")) || (key6 === "sha256")) || (key6 === "bytes")) || (key6 === "licence")) || (key6 === "extract")) || (key6 === "note"))){
const err71 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1,schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
if(data29.id !== undefined){
if(typeof data29.id !== "string"){
const err72 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/id",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
if(data29.url !== undefined){
if(typeof data29.url !== "string"){
const err73 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/url",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/url/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
if(data29.mirror !== undefined){
if(typeof data29.mirror !== "string"){
const err74 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/mirror",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/mirror/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
if(data29.sha256 !== undefined){
let data33 = data29.sha256;
if(typeof data33 === "string"){
if(!pattern7.test(data33)){
const err75 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/sha256",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/sha256/pattern",keyword:"pattern",params:{pattern: "^[0-9a-f]{64}$"},message:"must match pattern \""+"^[0-9a-f]{64}$"+"\""};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
}
else {
const err76 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/sha256",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/sha256/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
}
if(data29.bytes !== undefined){
let data34 = data29.bytes;
if(!(((typeof data34 == "number") && (!(data34 % 1) && !isNaN(data34))) && (isFinite(data34)))){
const err77 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/bytes",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/bytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
if((typeof data34 == "number") && (isFinite(data34))){
if(data34 > 9007199254740991 || isNaN(data34)){
const err78 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/bytes",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/bytes/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
if(data34 < 0 || isNaN(data34)){
const err79 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/bytes",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/bytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
}
}
if(data29.licence !== undefined){
if(typeof data29.licence !== "string"){
const err80 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/licence",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/licence/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
if(data29.extract !== undefined){
let data36 = data29.extract;
const _errs88 = errors;
let valid13 = false;
const _errs89 = errors;
if(data36 && typeof data36 == "object" && !Array.isArray(data36)){
if(data36.rule === undefined){
const err81 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/0/required",keyword:"required",params:{missingProperty: "rule"},message:"must have required property '"+"rule"+"'"};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
if(data36.pointer === undefined){
const err82 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/0/required",keyword:"required",params:{missingProperty: "pointer"},message:"must have required property '"+"pointer"+"'"};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
for(const key7 in data36){
if(!((key7 === "rule") || (key7 === "pointer"))){
const err83 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/0/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
}
if(data36.rule !== undefined){
let data37 = data36.rule;
if(typeof data37 !== "string"){
const err84 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract/rule",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/0/properties/rule/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
if(!(data37 === "json-pointer")){
const err85 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract/rule",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/0/properties/rule/enum",keyword:"enum",params:{allowedValues: schema32.properties.assets.items.properties.sources.items.properties.extract.anyOf[0].properties.rule.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
}
if(data36.pointer !== undefined){
if(typeof data36.pointer !== "string"){
const err86 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract/pointer",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/0/properties/pointer/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
}
}
else {
const err87 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/0/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
var _valid1 = _errs89 === errors;
valid13 = valid13 || _valid1;
if(_valid1){
var props1 = true;
}
const _errs96 = errors;
if(data36 && typeof data36 == "object" && !Array.isArray(data36)){
if(data36.rule === undefined){
const err88 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/1/required",keyword:"required",params:{missingProperty: "rule"},message:"must have required property '"+"rule"+"'"};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
if(data36.name === undefined){
const err89 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/1/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
for(const key8 in data36){
if(!((((key8 === "rule") || (key8 === "name")) || (key8 === "at")) || (key8 === "cell"))){
const err90 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/1/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key8},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
if(data36.rule !== undefined){
let data39 = data36.rule;
if(typeof data39 !== "string"){
const err91 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract/rule",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/1/properties/rule/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
if(!(data39 === "python-literal")){
const err92 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract/rule",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/1/properties/rule/enum",keyword:"enum",params:{allowedValues: schema32.properties.assets.items.properties.sources.items.properties.extract.anyOf[1].properties.rule.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
}
if(data36.name !== undefined){
let data40 = data36.name;
if(typeof data40 === "string"){
if(data40.length < 1){
const err93 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract/name",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/1/properties/name/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
}
else {
const err94 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract/name",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/1/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
}
if(data36.at !== undefined){
if(typeof data36.at !== "string"){
const err95 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract/at",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/1/properties/at/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
}
if(data36.cell !== undefined){
if(typeof data36.cell !== "string"){
const err96 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract/cell",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/1/properties/cell/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
}
}
else {
const err97 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/1/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
var _valid1 = _errs96 === errors;
valid13 = valid13 || _valid1;
if(_valid1){
if(props1 !== true){
props1 = true;
}
}
const _errs107 = errors;
if(data36 && typeof data36 == "object" && !Array.isArray(data36)){
if(data36.rule === undefined){
const err98 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/2/required",keyword:"required",params:{missingProperty: "rule"},message:"must have required property '"+"rule"+"'"};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
if(data36.call === undefined){
const err99 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/2/required",keyword:"required",params:{missingProperty: "call"},message:"must have required property '"+"call"+"'"};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
for(const key9 in data36){
if(!((key9 === "rule") || (key9 === "call"))){
const err100 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/2/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key9},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
}
if(data36.rule !== undefined){
let data43 = data36.rule;
if(typeof data43 !== "string"){
const err101 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract/rule",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/2/properties/rule/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
if(!(data43 === "python-arguments")){
const err102 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract/rule",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/2/properties/rule/enum",keyword:"enum",params:{allowedValues: schema32.properties.assets.items.properties.sources.items.properties.extract.anyOf[2].properties.rule.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
}
}
if(data36.call !== undefined){
let data44 = data36.call;
if(typeof data44 === "string"){
if(data44.length < 1){
const err103 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract/call",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/2/properties/call/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
}
}
else {
const err104 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract/call",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/2/properties/call/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
}
}
else {
const err105 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf/2/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err105];
}
else {
vErrors.push(err105);
}
errors++;
}
var _valid1 = _errs107 === errors;
valid13 = valid13 || _valid1;
if(_valid1){
if(props1 !== true){
props1 = true;
}
}
if(!valid13){
const err106 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/extract/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err106];
}
else {
vErrors.push(err106);
}
errors++;
}
else {
errors = _errs88;
if(vErrors !== null){
if(_errs88){
vErrors.length = _errs88;
}
else {
vErrors = null;
}
}
}
}
if(data29.note !== undefined){
if(typeof data29.note !== "string"){
const err107 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1+"/note",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/properties/note/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err107];
}
else {
vErrors.push(err107);
}
errors++;
}
}
}
else {
const err108 = {instancePath:instancePath+"/assets/" + i0+"/sources/" + i1,schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err108];
}
else {
vErrors.push(err108);
}
errors++;
}
var valid11 = _errs72 === errors;
}
}
}
else {
const err109 = {instancePath:instancePath+"/assets/" + i0+"/sources",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/sources/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err109];
}
else {
vErrors.push(err109);
}
errors++;
}
}
if(data9.extract !== undefined){
let data46 = data9.extract;
if(data46 && typeof data46 == "object" && !Array.isArray(data46)){
if(data46.sha256 === undefined){
const err110 = {instancePath:instancePath+"/assets/" + i0+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/extract/required",keyword:"required",params:{missingProperty: "sha256"},message:"must have required property '"+"sha256"+"'"};
if(vErrors === null){
vErrors = [err110];
}
else {
vErrors.push(err110);
}
errors++;
}
for(const key10 in data46){
if(!((key10 === "pointer") || (key10 === "sha256"))){
const err111 = {instancePath:instancePath+"/assets/" + i0+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/extract/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key10},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err111];
}
else {
vErrors.push(err111);
}
errors++;
}
}
if(data46.pointer !== undefined){
if(typeof data46.pointer !== "string"){
const err112 = {instancePath:instancePath+"/assets/" + i0+"/extract/pointer",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/extract/properties/pointer/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err112];
}
else {
vErrors.push(err112);
}
errors++;
}
}
if(data46.sha256 !== undefined){
let data48 = data46.sha256;
if(typeof data48 === "string"){
if(!pattern7.test(data48)){
const err113 = {instancePath:instancePath+"/assets/" + i0+"/extract/sha256",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/extract/properties/sha256/pattern",keyword:"pattern",params:{pattern: "^[0-9a-f]{64}$"},message:"must match pattern \""+"^[0-9a-f]{64}$"+"\""};
if(vErrors === null){
vErrors = [err113];
}
else {
vErrors.push(err113);
}
errors++;
}
}
else {
const err114 = {instancePath:instancePath+"/assets/" + i0+"/extract/sha256",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/extract/properties/sha256/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err114];
}
else {
vErrors.push(err114);
}
errors++;
}
}
}
else {
const err115 = {instancePath:instancePath+"/assets/" + i0+"/extract",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/extract/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err115];
}
else {
vErrors.push(err115);
}
errors++;
}
}
if(data9.when !== undefined){
let data49 = data9.when;
if(data49 && typeof data49 == "object" && !Array.isArray(data49)){
for(const key11 in data49){
let data50 = data49[key11];
if(Array.isArray(data50)){
if(data50.length < 1){
const err116 = {instancePath:instancePath+"/assets/" + i0+"/when/" + key11.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/when/additionalProperties/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items"};
if(vErrors === null){
vErrors = [err116];
}
else {
vErrors.push(err116);
}
errors++;
}
}
else {
const err117 = {instancePath:instancePath+"/assets/" + i0+"/when/" + key11.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/when/additionalProperties/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err117];
}
else {
vErrors.push(err117);
}
errors++;
}
}
}
else {
const err118 = {instancePath:instancePath+"/assets/" + i0+"/when",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/when/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err118];
}
else {
vErrors.push(err118);
}
errors++;
}
}
if(data9.citation !== undefined){
if(typeof data9.citation !== "string"){
const err119 = {instancePath:instancePath+"/assets/" + i0+"/citation",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/properties/citation/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err119];
}
else {
vErrors.push(err119);
}
errors++;
}
}
}
else {
const err120 = {instancePath:instancePath+"/assets/" + i0,schemaPath:"#/$defs/DriftgatePlugin/properties/assets/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err120];
}
else {
vErrors.push(err120);
}
errors++;
}
}
}
else {
const err121 = {instancePath:instancePath+"/assets",schemaPath:"#/$defs/DriftgatePlugin/properties/assets/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err121];
}
else {
vErrors.push(err121);
}
errors++;
}
}
if(data.suites !== undefined){
let data52 = data.suites;
if(Array.isArray(data52)){
const len4 = data52.length;
for(let i2=0; i2<len4; i2++){
let data53 = data52[i2];
if(data53 && typeof data53 == "object" && !Array.isArray(data53)){
if(data53.id === undefined){
const err122 = {instancePath:instancePath+"/suites/" + i2,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/required",keyword:"required",params:{missingProperty: "id"},message:"must have required property '"+"id"+"'"};
if(vErrors === null){
vErrors = [err122];
}
else {
vErrors.push(err122);
}
errors++;
}
if(data53.title === undefined){
const err123 = {instancePath:instancePath+"/suites/" + i2,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/required",keyword:"required",params:{missingProperty: "title"},message:"must have required property '"+"title"+"'"};
if(vErrors === null){
vErrors = [err123];
}
else {
vErrors.push(err123);
}
errors++;
}
if(data53.kind === undefined){
const err124 = {instancePath:instancePath+"/suites/" + i2,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/required",keyword:"required",params:{missingProperty: "kind"},message:"must have required property '"+"kind"+"'"};
if(vErrors === null){
vErrors = [err124];
}
else {
vErrors.push(err124);
}
errors++;
}
if(data53.gates === undefined){
const err125 = {instancePath:instancePath+"/suites/" + i2,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/required",keyword:"required",params:{missingProperty: "gates"},message:"must have required property '"+"gates"+"'"};
if(vErrors === null){
vErrors = [err125];
}
else {
vErrors.push(err125);
}
errors++;
}
if(data53.tracks === undefined){
const err126 = {instancePath:instancePath+"/suites/" + i2,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/required",keyword:"required",params:{missingProperty: "tracks"},message:"must have required property '"+"tracks"+"'"};
if(vErrors === null){
vErrors = [err126];
}
else {
vErrors.push(err126);
}
errors++;
}
if(data53.scorer === undefined){
const err127 = {instancePath:instancePath+"/suites/" + i2,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/required",keyword:"required",params:{missingProperty: "scorer"},message:"must have required property '"+"scorer"+"'"};
if(vErrors === null){
vErrors = [err127];
}
else {
vErrors.push(err127);
}
errors++;
}
if(data53.decoding === undefined){
const err128 = {instancePath:instancePath+"/suites/" + i2,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/required",keyword:"required",params:{missingProperty: "decoding"},message:"must have required property '"+"decoding"+"'"};
if(vErrors === null){
vErrors = [err128];
}
else {
vErrors.push(err128);
}
errors++;
}
if(data53.licence === undefined){
const err129 = {instancePath:instancePath+"/suites/" + i2,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/required",keyword:"required",params:{missingProperty: "licence"},message:"must have required property '"+"licence"+"'"};
if(vErrors === null){
vErrors = [err129];
}
else {
vErrors.push(err129);
}
errors++;
}
if(data53.citation === undefined){
const err130 = {instancePath:instancePath+"/suites/" + i2,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/required",keyword:"required",params:{missingProperty: "citation"},message:"must have required property '"+"citation"+"'"};
if(vErrors === null){
vErrors = [err130];
}
else {
vErrors.push(err130);
}
errors++;
}
for(const key12 in data53){
if(!(func1.call(schema32.properties.suites.items.properties, key12))){
const err131 = {instancePath:instancePath+"/suites/" + i2,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key12},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err131];
}
else {
vErrors.push(err131);
}
errors++;
}
}
if(data53.id !== undefined){
let data54 = data53.id;
if(typeof data54 === "string"){
if(!pattern4.test(data54)){
const err132 = {instancePath:instancePath+"/suites/" + i2+"/id",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/id/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9][a-z0-9-]*$"},message:"must match pattern \""+"^[a-z0-9][a-z0-9-]*$"+"\""};
if(vErrors === null){
vErrors = [err132];
}
else {
vErrors.push(err132);
}
errors++;
}
}
else {
const err133 = {instancePath:instancePath+"/suites/" + i2+"/id",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err133];
}
else {
vErrors.push(err133);
}
errors++;
}
}
if(data53.title !== undefined){
if(typeof data53.title !== "string"){
const err134 = {instancePath:instancePath+"/suites/" + i2+"/title",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/title/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err134];
}
else {
vErrors.push(err134);
}
errors++;
}
}
if(data53.kind !== undefined){
let data56 = data53.kind;
if(typeof data56 !== "string"){
const err135 = {instancePath:instancePath+"/suites/" + i2+"/kind",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/kind/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err135];
}
else {
vErrors.push(err135);
}
errors++;
}
if(!(((data56 === "harmful") || (data56 === "benign")) || (data56 === "task"))){
const err136 = {instancePath:instancePath+"/suites/" + i2+"/kind",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/kind/enum",keyword:"enum",params:{allowedValues: schema32.properties.suites.items.properties.kind.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err136];
}
else {
vErrors.push(err136);
}
errors++;
}
}
if(data53.gates !== undefined){
let data57 = data53.gates;
if(Array.isArray(data57)){
const len5 = data57.length;
for(let i3=0; i3<len5; i3++){
let data58 = data57[i3];
if(typeof data58 !== "string"){
const err137 = {instancePath:instancePath+"/suites/" + i2+"/gates/" + i3,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/gates/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err137];
}
else {
vErrors.push(err137);
}
errors++;
}
if(!((((data58 === "unsafe") || (data58 === "refused")) || (data58 === "complied")) || (data58 === "wrong"))){
const err138 = {instancePath:instancePath+"/suites/" + i2+"/gates/" + i3,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/gates/items/enum",keyword:"enum",params:{allowedValues: schema32.properties.suites.items.properties.gates.items.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err138];
}
else {
vErrors.push(err138);
}
errors++;
}
}
}
else {
const err139 = {instancePath:instancePath+"/suites/" + i2+"/gates",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/gates/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err139];
}
else {
vErrors.push(err139);
}
errors++;
}
}
if(data53.tracks !== undefined){
let data59 = data53.tracks;
if(Array.isArray(data59)){
const len6 = data59.length;
for(let i4=0; i4<len6; i4++){
let data60 = data59[i4];
if(typeof data60 !== "string"){
const err140 = {instancePath:instancePath+"/suites/" + i2+"/tracks/" + i4,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/tracks/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err140];
}
else {
vErrors.push(err140);
}
errors++;
}
if(!((((data60 === "unsafe") || (data60 === "refused")) || (data60 === "complied")) || (data60 === "wrong"))){
const err141 = {instancePath:instancePath+"/suites/" + i2+"/tracks/" + i4,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/tracks/items/enum",keyword:"enum",params:{allowedValues: schema32.properties.suites.items.properties.tracks.items.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err141];
}
else {
vErrors.push(err141);
}
errors++;
}
}
}
else {
const err142 = {instancePath:instancePath+"/suites/" + i2+"/tracks",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/tracks/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err142];
}
else {
vErrors.push(err142);
}
errors++;
}
}
if(data53.scorer !== undefined){
if(typeof data53.scorer !== "string"){
const err143 = {instancePath:instancePath+"/suites/" + i2+"/scorer",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/scorer/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err143];
}
else {
vErrors.push(err143);
}
errors++;
}
}
if(data53.decoding !== undefined){
let data62 = data53.decoding;
if(data62 && typeof data62 == "object" && !Array.isArray(data62)){
if(data62.temperature === undefined){
const err144 = {instancePath:instancePath+"/suites/" + i2+"/decoding",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/required",keyword:"required",params:{missingProperty: "temperature"},message:"must have required property '"+"temperature"+"'"};
if(vErrors === null){
vErrors = [err144];
}
else {
vErrors.push(err144);
}
errors++;
}
if(data62.topP === undefined){
const err145 = {instancePath:instancePath+"/suites/" + i2+"/decoding",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/required",keyword:"required",params:{missingProperty: "topP"},message:"must have required property '"+"topP"+"'"};
if(vErrors === null){
vErrors = [err145];
}
else {
vErrors.push(err145);
}
errors++;
}
if(data62.topK === undefined){
const err146 = {instancePath:instancePath+"/suites/" + i2+"/decoding",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/required",keyword:"required",params:{missingProperty: "topK"},message:"must have required property '"+"topK"+"'"};
if(vErrors === null){
vErrors = [err146];
}
else {
vErrors.push(err146);
}
errors++;
}
if(data62.maxTokens === undefined){
const err147 = {instancePath:instancePath+"/suites/" + i2+"/decoding",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/required",keyword:"required",params:{missingProperty: "maxTokens"},message:"must have required property '"+"maxTokens"+"'"};
if(vErrors === null){
vErrors = [err147];
}
else {
vErrors.push(err147);
}
errors++;
}
for(const key13 in data62){
if(!(((((key13 === "temperature") || (key13 === "topP")) || (key13 === "topK")) || (key13 === "maxTokens")) || (key13 === "stop"))){
const err148 = {instancePath:instancePath+"/suites/" + i2+"/decoding",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key13},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err148];
}
else {
vErrors.push(err148);
}
errors++;
}
}
if(data62.temperature !== undefined){
let data63 = data62.temperature;
if(!((typeof data63 == "number") && (isFinite(data63)))){
const err149 = {instancePath:instancePath+"/suites/" + i2+"/decoding/temperature",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/properties/temperature/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err149];
}
else {
vErrors.push(err149);
}
errors++;
}
}
if(data62.topP !== undefined){
let data64 = data62.topP;
if(!((typeof data64 == "number") && (isFinite(data64)))){
const err150 = {instancePath:instancePath+"/suites/" + i2+"/decoding/topP",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/properties/topP/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err150];
}
else {
vErrors.push(err150);
}
errors++;
}
}
if(data62.topK !== undefined){
let data65 = data62.topK;
if(!(((typeof data65 == "number") && (!(data65 % 1) && !isNaN(data65))) && (isFinite(data65)))){
const err151 = {instancePath:instancePath+"/suites/" + i2+"/decoding/topK",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/properties/topK/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err151];
}
else {
vErrors.push(err151);
}
errors++;
}
if((typeof data65 == "number") && (isFinite(data65))){
if(data65 > 9007199254740991 || isNaN(data65)){
const err152 = {instancePath:instancePath+"/suites/" + i2+"/decoding/topK",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/properties/topK/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"};
if(vErrors === null){
vErrors = [err152];
}
else {
vErrors.push(err152);
}
errors++;
}
if(data65 < 0 || isNaN(data65)){
const err153 = {instancePath:instancePath+"/suites/" + i2+"/decoding/topK",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/properties/topK/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err153];
}
else {
vErrors.push(err153);
}
errors++;
}
}
}
if(data62.maxTokens !== undefined){
let data66 = data62.maxTokens;
if(!(((typeof data66 == "number") && (!(data66 % 1) && !isNaN(data66))) && (isFinite(data66)))){
const err154 = {instancePath:instancePath+"/suites/" + i2+"/decoding/maxTokens",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/properties/maxTokens/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err154];
}
else {
vErrors.push(err154);
}
errors++;
}
if((typeof data66 == "number") && (isFinite(data66))){
if(data66 > 9007199254740991 || isNaN(data66)){
const err155 = {instancePath:instancePath+"/suites/" + i2+"/decoding/maxTokens",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/properties/maxTokens/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"};
if(vErrors === null){
vErrors = [err155];
}
else {
vErrors.push(err155);
}
errors++;
}
if(data66 < 0 || isNaN(data66)){
const err156 = {instancePath:instancePath+"/suites/" + i2+"/decoding/maxTokens",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/properties/maxTokens/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err156];
}
else {
vErrors.push(err156);
}
errors++;
}
}
}
if(data62.stop !== undefined){
let data67 = data62.stop;
if(Array.isArray(data67)){
const len7 = data67.length;
for(let i5=0; i5<len7; i5++){
if(typeof data67[i5] !== "string"){
const err157 = {instancePath:instancePath+"/suites/" + i2+"/decoding/stop/" + i5,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/properties/stop/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err157];
}
else {
vErrors.push(err157);
}
errors++;
}
}
}
else {
const err158 = {instancePath:instancePath+"/suites/" + i2+"/decoding/stop",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/properties/stop/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err158];
}
else {
vErrors.push(err158);
}
errors++;
}
}
}
else {
const err159 = {instancePath:instancePath+"/suites/" + i2+"/decoding",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/decoding/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err159];
}
else {
vErrors.push(err159);
}
errors++;
}
}
if(data53.samples !== undefined){
let data69 = data53.samples;
if(!(((typeof data69 == "number") && (!(data69 % 1) && !isNaN(data69))) && (isFinite(data69)))){
const err160 = {instancePath:instancePath+"/suites/" + i2+"/samples",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/samples/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err160];
}
else {
vErrors.push(err160);
}
errors++;
}
if((typeof data69 == "number") && (isFinite(data69))){
if(data69 > 9007199254740991 || isNaN(data69)){
const err161 = {instancePath:instancePath+"/suites/" + i2+"/samples",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/samples/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"};
if(vErrors === null){
vErrors = [err161];
}
else {
vErrors.push(err161);
}
errors++;
}
if(data69 < 0 || isNaN(data69)){
const err162 = {instancePath:instancePath+"/suites/" + i2+"/samples",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/samples/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err162];
}
else {
vErrors.push(err162);
}
errors++;
}
}
}
if(data53.clustered !== undefined){
if(typeof data53.clustered !== "boolean"){
const err163 = {instancePath:instancePath+"/suites/" + i2+"/clustered",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/clustered/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err163];
}
else {
vErrors.push(err163);
}
errors++;
}
}
if(data53.licence !== undefined){
if(typeof data53.licence !== "string"){
const err164 = {instancePath:instancePath+"/suites/" + i2+"/licence",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/licence/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err164];
}
else {
vErrors.push(err164);
}
errors++;
}
}
if(data53.citation !== undefined){
if(typeof data53.citation !== "string"){
const err165 = {instancePath:instancePath+"/suites/" + i2+"/citation",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/properties/citation/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err165];
}
else {
vErrors.push(err165);
}
errors++;
}
}
}
else {
const err166 = {instancePath:instancePath+"/suites/" + i2,schemaPath:"#/$defs/DriftgatePlugin/properties/suites/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err166];
}
else {
vErrors.push(err166);
}
errors++;
}
}
}
else {
const err167 = {instancePath:instancePath+"/suites",schemaPath:"#/$defs/DriftgatePlugin/properties/suites/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err167];
}
else {
vErrors.push(err167);
}
errors++;
}
}
if(data.measures !== undefined){
let data73 = data.measures;
if(Array.isArray(data73)){
const len8 = data73.length;
for(let i6=0; i6<len8; i6++){
let data74 = data73[i6];
if(typeof data74 !== "string"){
const err168 = {instancePath:instancePath+"/measures/" + i6,schemaPath:"#/$defs/DriftgatePlugin/properties/measures/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err168];
}
else {
vErrors.push(err168);
}
errors++;
}
if(!((((data74 === "unsafe") || (data74 === "refused")) || (data74 === "complied")) || (data74 === "wrong"))){
const err169 = {instancePath:instancePath+"/measures/" + i6,schemaPath:"#/$defs/DriftgatePlugin/properties/measures/items/enum",keyword:"enum",params:{allowedValues: schema32.properties.measures.items.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err169];
}
else {
vErrors.push(err169);
}
errors++;
}
}
}
else {
const err170 = {instancePath:instancePath+"/measures",schemaPath:"#/$defs/DriftgatePlugin/properties/measures/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err170];
}
else {
vErrors.push(err170);
}
errors++;
}
}
if(data.exact !== undefined){
if(typeof data.exact !== "boolean"){
const err171 = {instancePath:instancePath+"/exact",schemaPath:"#/$defs/DriftgatePlugin/properties/exact/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err171];
}
else {
vErrors.push(err171);
}
errors++;
}
}
if(data.roles !== undefined){
let data76 = data.roles;
if(Array.isArray(data76)){
const len9 = data76.length;
for(let i7=0; i7<len9; i7++){
let data77 = data76[i7];
if(data77 && typeof data77 == "object" && !Array.isArray(data77)){
if(data77.name === undefined){
const err172 = {instancePath:instancePath+"/roles/" + i7,schemaPath:"#/$defs/DriftgatePlugin/properties/roles/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err172];
}
else {
vErrors.push(err172);
}
errors++;
}
if(data77.needs === undefined){
const err173 = {instancePath:instancePath+"/roles/" + i7,schemaPath:"#/$defs/DriftgatePlugin/properties/roles/items/required",keyword:"required",params:{missingProperty: "needs"},message:"must have required property '"+"needs"+"'"};
if(vErrors === null){
vErrors = [err173];
}
else {
vErrors.push(err173);
}
errors++;
}
for(const key14 in data77){
if(!((key14 === "name") || (key14 === "needs"))){
const err174 = {instancePath:instancePath+"/roles/" + i7,schemaPath:"#/$defs/DriftgatePlugin/properties/roles/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key14},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err174];
}
else {
vErrors.push(err174);
}
errors++;
}
}
if(data77.name !== undefined){
let data78 = data77.name;
if(typeof data78 === "string"){
if(!pattern4.test(data78)){
const err175 = {instancePath:instancePath+"/roles/" + i7+"/name",schemaPath:"#/$defs/DriftgatePlugin/properties/roles/items/properties/name/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9][a-z0-9-]*$"},message:"must match pattern \""+"^[a-z0-9][a-z0-9-]*$"+"\""};
if(vErrors === null){
vErrors = [err175];
}
else {
vErrors.push(err175);
}
errors++;
}
}
else {
const err176 = {instancePath:instancePath+"/roles/" + i7+"/name",schemaPath:"#/$defs/DriftgatePlugin/properties/roles/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err176];
}
else {
vErrors.push(err176);
}
errors++;
}
}
if(data77.needs !== undefined){
let data79 = data77.needs;
if(Array.isArray(data79)){
const len10 = data79.length;
for(let i8=0; i8<len10; i8++){
let data80 = data79[i8];
if(typeof data80 !== "string"){
const err177 = {instancePath:instancePath+"/roles/" + i7+"/needs/" + i8,schemaPath:"#/$defs/DriftgatePlugin/properties/roles/items/properties/needs/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err177];
}
else {
vErrors.push(err177);
}
errors++;
}
if(!((((data80 === "messages") || (data80 === "prompt")) || (data80 === "tokens")) || (data80 === "topLogprobs"))){
const err178 = {instancePath:instancePath+"/roles/" + i7+"/needs/" + i8,schemaPath:"#/$defs/DriftgatePlugin/properties/roles/items/properties/needs/items/enum",keyword:"enum",params:{allowedValues: schema32.properties.roles.items.properties.needs.items.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err178];
}
else {
vErrors.push(err178);
}
errors++;
}
}
}
else {
const err179 = {instancePath:instancePath+"/roles/" + i7+"/needs",schemaPath:"#/$defs/DriftgatePlugin/properties/roles/items/properties/needs/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err179];
}
else {
vErrors.push(err179);
}
errors++;
}
}
}
else {
const err180 = {instancePath:instancePath+"/roles/" + i7,schemaPath:"#/$defs/DriftgatePlugin/properties/roles/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err180];
}
else {
vErrors.push(err180);
}
errors++;
}
}
}
else {
const err181 = {instancePath:instancePath+"/roles",schemaPath:"#/$defs/DriftgatePlugin/properties/roles/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err181];
}
else {
vErrors.push(err181);
}
errors++;
}
}
if(data.uses !== undefined){
let data81 = data.uses;
if(Array.isArray(data81)){
const len11 = data81.length;
for(let i9=0; i9<len11; i9++){
let data82 = data81[i9];
if(typeof data82 === "string"){
if(!pattern4.test(data82)){
const err182 = {instancePath:instancePath+"/uses/" + i9,schemaPath:"#/$defs/DriftgatePlugin/properties/uses/items/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9][a-z0-9-]*$"},message:"must match pattern \""+"^[a-z0-9][a-z0-9-]*$"+"\""};
if(vErrors === null){
vErrors = [err182];
}
else {
vErrors.push(err182);
}
errors++;
}
}
else {
const err183 = {instancePath:instancePath+"/uses/" + i9,schemaPath:"#/$defs/DriftgatePlugin/properties/uses/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err183];
}
else {
vErrors.push(err183);
}
errors++;
}
}
}
else {
const err184 = {instancePath:instancePath+"/uses",schemaPath:"#/$defs/DriftgatePlugin/properties/uses/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err184];
}
else {
vErrors.push(err184);
}
errors++;
}
}
if(data.isolation !== undefined){
let data83 = data.isolation;
if(typeof data83 !== "string"){
const err185 = {instancePath:instancePath+"/isolation",schemaPath:"#/$defs/DriftgatePlugin/properties/isolation/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err185];
}
else {
vErrors.push(err185);
}
errors++;
}
if(!((data83 === "inline") || (data83 === "process"))){
const err186 = {instancePath:instancePath+"/isolation",schemaPath:"#/$defs/DriftgatePlugin/properties/isolation/enum",keyword:"enum",params:{allowedValues: schema32.properties.isolation.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err186];
}
else {
vErrors.push(err186);
}
errors++;
}
}
if(data.permissions !== undefined){
let data84 = data.permissions;
if(Array.isArray(data84)){
const len12 = data84.length;
for(let i10=0; i10<len12; i10++){
let data85 = data84[i10];
if(typeof data85 !== "string"){
const err187 = {instancePath:instancePath+"/permissions/" + i10,schemaPath:"#/$defs/DriftgatePlugin/properties/permissions/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err187];
}
else {
vErrors.push(err187);
}
errors++;
}
if(!((((data85 === "net") || (data85 === "fs-read")) || (data85 === "fs-write")) || (data85 === "gpu"))){
const err188 = {instancePath:instancePath+"/permissions/" + i10,schemaPath:"#/$defs/DriftgatePlugin/properties/permissions/items/enum",keyword:"enum",params:{allowedValues: schema32.properties.permissions.items.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err188];
}
else {
vErrors.push(err188);
}
errors++;
}
}
}
else {
const err189 = {instancePath:instancePath+"/permissions",schemaPath:"#/$defs/DriftgatePlugin/properties/permissions/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err189];
}
else {
vErrors.push(err189);
}
errors++;
}
}
if(data.licence !== undefined){
if(typeof data.licence !== "string"){
const err190 = {instancePath:instancePath+"/licence",schemaPath:"#/$defs/DriftgatePlugin/properties/licence/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err190];
}
else {
vErrors.push(err190);
}
errors++;
}
}
if(data.citation !== undefined){
if(typeof data.citation !== "string"){
const err191 = {instancePath:instancePath+"/citation",schemaPath:"#/$defs/DriftgatePlugin/properties/citation/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err191];
}
else {
vErrors.push(err191);
}
errors++;
}
}
if(data.upstream !== undefined){
if(typeof data.upstream !== "string"){
const err192 = {instancePath:instancePath+"/upstream",schemaPath:"#/$defs/DriftgatePlugin/properties/upstream/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err192];
}
else {
vErrors.push(err192);
}
errors++;
}
}
}
else {
const err193 = {instancePath,schemaPath:"#/$defs/DriftgatePlugin/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err193];
}
else {
vErrors.push(err193);
}
errors++;
}
validate20.errors = vErrors;
return errors === 0;
}
validate20.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};
