// The app definition as crates/model/src/definition writes it.
import type { GateUse } from "./checkpoint-types";

export type Role = "guest" | "member" | "maker";

export interface Access {
  see: Role[];
  edit: Role[];
}

export interface TableAccess {
  see: Role[];
  insert: Role[];
  update: Role[];
  delete: Role[];
}

export type Binding =
  | { kind: "name"; name: string }
  | { kind: "cell"; sheet: string; cell: string; label?: string }
  | { kind: "range"; sheet: string; range: string; label?: string }
  | { kind: "column"; table: string; column: string };

export type Comparison = "equals" | "notEquals" | "greaterThan" | "lessThan" | "filled" | "empty";

export interface Condition {
  binding: Binding;
  comparison: Comparison;
  value?: unknown;
}

export type FieldKind =
  | "number"
  | "integer"
  | "currency"
  | "percent"
  | "text"
  | "longText"
  | "boolean"
  | "date"
  | "time"
  | "dateTime"
  | "choice"
  /** A photo or another file; the value is text by which the server finds it. */
  | "file";

export type Choices = { from: "list"; values: string[] } | { from: "range"; binding: Binding };

export interface Validation {
  required?: boolean;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  /** Of files: only pictures. */
  pictures?: boolean;
  /** Of files: the most bytes. */
  maxBytes?: number;
  choices?: Choices;
  open?: boolean;
  message?: string;
}

export interface Field {
  id: string;
  label: string;
  binding: Binding;
  kind: FieldKind;
  unit?: string;
  format?: string;
  help?: string;
  validation?: Validation;
  mode: "read" | "write";
  visibleWhen?: Condition;
  access?: Access;
}

export interface GridColumn {
  label: string;
  offset: number;
  kind: FieldKind;
  unit?: string;
  mode: "read" | "write";
  validation?: Validation;
}

export type ChartKind = "bar" | "line" | "area" | "pie" | "scatter" | "other";

export interface DataSeries {
  label: string;
  values: Binding;
  aggregate?: "sum" | "average" | "count";
}

export interface Sort {
  column: string;
  descending?: boolean;
}

export interface FieldsComponent {
  type: "fields";
  id: string;
  title: string;
  fields: Field[];
  visibleWhen?: Condition;
}

export interface GridComponent {
  type: "grid";
  id: string;
  title: string;
  binding: Binding;
  columns: GridColumn[];
  visibleWhen?: Condition;
}

export interface CardComponent {
  type: "card";
  id: string;
  field: Field;
}

export interface ChartComponent {
  type: "chart";
  id: string;
  title: string;
  kind: ChartKind;
  categories?: Binding;
  series: DataSeries[];
}

export interface ListComponent {
  type: "list";
  id: string;
  table: string;
  titleColumn: string;
  columns: string[];
  filters: string[];
  search: string[];
  sort?: Sort;
  detail: string[];
}

export interface FormComponent {
  type: "form";
  id: string;
  table: string;
  columns: string[];
  submitLabel?: string;
}

export interface TextComponent {
  type: "text";
  id: string;
  text: string;
}

export type Component =
  | FieldsComponent
  | GridComponent
  | CardComponent
  | ChartComponent
  | ListComponent
  | FormComponent
  | TextComponent;

export interface Screen {
  id: string;
  title: string;
  icon: string;
  kind: "calculator" | "list" | "form" | "dashboard";
  components: Component[];
  visibleWhen?: Condition;
  access?: Access;
}

export type ColumnType =
  | {
      name:
        | "text"
        | "integer"
        | "double"
        | "boolean"
        | "date"
        | "time"
        | "dateTime"
        /** Text in its usual form, "01234567-89ab-cdef-0123-456789abcdef". */
        | "guid"
        /** Text as ISO 8601 has it, "P1DT2H". */
        | "duration"
        /** Text in base64url, without padding. */
        | "binary";
    }
  | { name: "decimal"; scale: number };

export interface ColumnDefinition {
  id: string;
  title: string;
  /** Of no meaning for files. */
  offset: number;
  type: ColumnType;
  kind: FieldKind;
  unit?: string;
  format?: string;
  validation?: Validation;
  formula?: string;
  /** The row of a table that the value stands for: the one with this value in that column. */
  refers?: Reference;
  /** What the service fills in, and when: such a column is never entered. */
  filled?: "created" | "changed";
  /** Shown and never entered, whoever else may. */
  readOnly?: boolean;
}

export interface Reference {
  table: string;
  column: string;
}

export interface TableDefinition {
  id: string;
  title: string;
  source: { from: "table"; name: string } | { from: "range"; sheet: string; range: string };
  columns: ColumnDefinition[];
  key?: string;
  access?: TableAccess;
  /** Gates that ask before rows are changed, by hand or by an action. */
  gates?: GateUse[];
}

/** A constant in the JSON form of the column's values, or a formula without `=`. */
export type ValueSource = { value: unknown } | { formula: string };

export interface ActionParameter {
  id: string;
  title: string;
  type: ColumnType;
  kind: FieldKind;
  unit?: string;
  help?: string;
  validation?: Validation;
}

export interface RowCondition {
  column: string;
  comparison: Comparison;
  value?: ValueSource;
}

export type ActionStep =
  | { do: "set"; values: Record<string, ValueSource> }
  | { do: "insert"; table: string; values: Record<string, ValueSource> }
  | { do: "update"; table: string; where?: RowCondition[]; values: Record<string, ValueSource> }
  | { do: "delete"; table: string; where: RowCondition[] };

export interface ActionDefinition {
  id: string;
  title: string;
  description?: string;
  /** The table whose rows it is called on. */
  table?: string;
  parameters?: ActionParameter[];
  when?: string;
  refusal?: string;
  confirmation?: string;
  steps: ActionStep[];
  access?: Role[];
  /** Gates that ask before it is done. */
  gates?: GateUse[];
}

export interface AppDefinition {
  schemaVersion: number;
  name: string;
  description: string;
  icon: string;
  accent: string;
  language: string;
  screens: Screen[];
  tables: TableDefinition[];
  actions?: ActionDefinition[];
}
